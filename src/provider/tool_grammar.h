/*
 * provider/tool_grammar.h: JSON Schema to GBNF, the grammar language of llama.cpp: what a model
 * that follows the grammar writes is JSON that fits the schema.
 *
 *     g_autoptr(ToolGrammar) grammar = tool_grammar_new();
 *     g_autofree char *rule = tool_grammar_add(grammar, schema, error);      // "r7"
 *     tool_grammar_rule(grammar, "root", "\"<tool_call>\" ws %s", rule);
 *     g_autofree char *text = tool_grammar_text(grammar, error);
 *
 * Understood: type (also a list of types), properties, required, items, minItems, maxItems,
 * minLength, maxLength, enum, const, anyOf, oneOf, $ref to "#/..." of the same schema. Objects are
 * closed: no other properties, in the order of the schema, so a model cannot invent some. What
 * cannot be said in a grammar (pattern, format, minimum) is left to the check of the arguments.
 * Where the schema says nothing, any JSON of at most four levels fits. Numbers have at most 15
 * digits. ERR_DATA names the place of a schema that makes no sense, ERR_LIMIT one that is too big.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>
#include <jansson.h>

typedef struct ToolGrammar ToolGrammar;

ToolGrammar *tool_grammar_new(void);
void tool_grammar_free(ToolGrammar *grammar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ToolGrammar, tool_grammar_free)

/* Adds the rules of a schema (borrowed; NULL = any JSON); the name of its rule, new string. */
char *tool_grammar_add(ToolGrammar *grammar, const json_t *schema, GError **error);

/* Adds one rule by hand; "ws", "string", "value" and what tool_grammar_add() returned may stand in
 * it. */
void tool_grammar_rule(ToolGrammar *grammar, const char *name, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* The text of all rules. New string; ERR_LIMIT when they are too many. */
char *tool_grammar_text(const ToolGrammar *grammar, GError **error);

/* A text as a GBNF literal, quoted; new string. */
char *tool_grammar_literal(const char *text);

/* The same of a text as JSON spells it: "\"name\"". */
char *tool_grammar_json_literal(const char *text);
