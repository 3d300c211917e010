/* agent/budget.c: see the header. */
#include "agent/budget.h"

static void item_free(void *data) {
    BudgetItem *item = data;
    g_free(item->name);
    g_free(item);
}

static void add_item(TurnBudget *budget, const char *name, int64_t tokens) {
    BudgetItem *item = g_new(BudgetItem, 1);
    item->name = g_strdup(name);
    item->tokens = tokens;
    g_ptr_array_add(budget->items, item);
}

static void add_sections(TurnBudget *budget, Provider *provider, const SystemPrompt *system) {
    g_autoptr(GString) text = g_string_new(NULL);
    int64_t before = 0;
    for (unsigned i = 0; i < system->sections->len; i++) {
        const SystemSection *section = g_ptr_array_index(system->sections, i);
        g_string_append_printf(text, "%s%s", i > 0 ? "\n\n" : "", section->text);
        int64_t so_far = provider_count_tokens(provider, text->str);
        add_item(budget, section->name, so_far - before);
        before = so_far;
    }
    add_item(budget, "template", system->tokens - before);
}

void budget_add_prompt(TurnBudget *budget, Provider *provider, const Prompt *prompt) {
    budget->items = g_ptr_array_new_with_free_func(item_free);
    budget->system_tokens = prompt->system_tokens;
    budget->tool_tokens = prompt->tool_tokens;
    budget->history_tokens = prompt->history_tokens;
    budget->n_sent_messages = prompt->messages->len;
    add_sections(budget, provider, &prompt->parts);
    if (prompt->tool_tokens > 0) add_item(budget, "tools", prompt->tool_tokens);
    add_item(budget, "conversation", prompt->history_tokens);
}

void turn_budget_clear(TurnBudget *budget) {
    g_clear_pointer(&budget->items, g_ptr_array_unref);
}
