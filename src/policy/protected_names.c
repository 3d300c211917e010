/* policy/protected_names.c: the table, and the one comparison. */
#include "policy/protected_names.h"

#include <string.h>

#include <glib.h>

#define OURS "the program's own"
#define SHELL "a shell runs it"
#define GIT "git runs or obeys it"
#define EDITOR "an editor runs what it says"
#define AGENT "another assistant obeys it"

/* clang-format off */
const ProtectedName protected_names[] = {
    { "LocalGPT.md",             OURS },
    { ".localgpt_manifest.json", OURS },
    { "IDENTITY.md",             OURS },
    { "localgpt.device.key",     OURS },
    { "localgpt.audit.jsonl",    OURS },
    { ".git/hooks",              GIT },
    { ".git/config",             GIT },
    { ".gitconfig",              GIT },
    { ".gitmodules",             GIT },
    { ".husky",                  GIT },
    { ".bash_login",             SHELL },
    { ".bash_logout",            SHELL },
    { ".bash_profile",           SHELL },
    { ".bashrc",                 SHELL },
    { ".envrc",                  SHELL },
    { ".profile",                SHELL },
    { ".zlogin",                 SHELL },
    { ".zprofile",               SHELL },
    { ".zshenv",                 SHELL },
    { ".zshrc",                  SHELL },
    { ".idea",                   EDITOR },
    { ".vscode",                 EDITOR },
    { ".claude",                 AGENT },
    { ".codex",                  AGENT },
    { ".cursor",                 AGENT },
    { ".mcp.json",               AGENT },
    { ".ripgreprc",              "a search obeys it" },
    { 0 }
};
/* clang-format on */

bool protected_name_covers(const char *relative) {
    for (const ProtectedName *name = protected_names; name->path != NULL; name++) {
        size_t length = strlen(name->path);
        if (g_ascii_strncasecmp(relative, name->path, length) == 0 &&
            (relative[length] == '\0' || relative[length] == '/'))
            return true;
    }
    return false;
}
