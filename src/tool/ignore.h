/*
 * tool/ignore.h: which files a search leaves out: .gitignore (in a git work tree), .ignore and
 * .rgignore, with git's rules: the last rule that matches decides, deeper files come later, '!'
 * takes back, a pattern with a slash is anchored to its file's folder, a trailing slash means
 * folders.
 *
 *     g_autoptr(IgnoreStack) stack = ignore_stack_new();
 *     ignore_stack_push(stack, "", folder_fd);            // entering a folder reads its files
 *     if (ignore_stack_hides(stack, "src/x.o", false)) ...  // path from where the stack began
 *     ignore_stack_pop(stack);                             // leaving it
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct IgnoreStack IgnoreStack;

IgnoreStack *ignore_stack_new(void);
void ignore_stack_free(IgnoreStack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IgnoreStack, ignore_stack_free)

/* `folder` is its path from where the stack began, "" there. Files that cannot be read are none. */
void ignore_stack_push(IgnoreStack *stack, const char *folder, int folder_fd);
void ignore_stack_pop(IgnoreStack *stack);

/* For tests and for text that is no file: the rules of one file in the folder pushed last. */
void ignore_stack_add(IgnoreStack *stack, const char *text, size_t length);

bool ignore_stack_hides(const IgnoreStack *stack, const char *path, bool is_folder);
