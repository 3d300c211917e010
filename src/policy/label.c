/* policy/label.c: labels and their monotone join. */
#include "policy/label.h"

static const char *const origin_names[] = {
    "owner", "system", "agent", "tool", "file", "web", NULL
};
static const char *const integrity_names[] = { "trusted", "untrusted", NULL };
static const char *const secrecy_names[] = { "public", "secret", NULL };

/* clang-format off */
const Field label_fields[] = {
    { "origin",    FIELD_ENUM(Label, origin, origin_names),       .help = "Who wrote the words." },
    { "integrity", FIELD_ENUM(Label, integrity, integrity_names), .help = "Whether the words may lead to actions." },
    { "secrecy",   FIELD_ENUM(Label, secrecy, secrecy_names),     .help = "Whether the words may leave." },
    { "source",    FIELD_STRING(Label, source), .flags = FIELD_OMIT_EMPTY, .help = "Path, address or tool." },
    { 0 }
};
/* clang-format on */

static Integrity default_integrity(Origin origin) {
    switch (origin) {
    case ORIGIN_OWNER:
    case ORIGIN_SYSTEM:
    case ORIGIN_AGENT: return INTEGRITY_TRUSTED;
    case ORIGIN_TOOL:
    case ORIGIN_FILE:
    case ORIGIN_WEB: return INTEGRITY_UNTRUSTED;
    }
    return INTEGRITY_UNTRUSTED;
}

Label label_new(Origin origin, const char *source) {
    return (Label){ .origin = (int)origin,
                    .integrity = (int)default_integrity(origin),
                    .secrecy = SECRECY_PUBLIC,
                    .source = g_strdup(source) };
}

Label label_copy(const Label *label) {
    Label copy = *label;
    copy.source = g_strdup(label->source);
    return copy;
}

void label_clear(Label *label) {
    g_clear_pointer(&label->source, g_free);
}

void label_join(Label *label, const Label *other) {
    label->integrity = MAX(label->integrity, other->integrity);
    label->secrecy = MAX(label->secrecy, other->secrecy);
}

const char *label_origin_name(const Label *label) {
    return origin_names[label->origin];
}

const char *label_integrity_name(const Label *label) {
    return integrity_names[label->integrity];
}
