/*
 * agent/approval_rules.h: what the owner allowed "always for exactly this": a 0600 file of hashes.
 *
 * A rule is the sha256 over tool, exact bytes, folder and environment policy, each with its length
 * before it, so that no byte can move from one to the next. The texts beside it are for people;
 * what is compared is the hash, and a rule whose texts do not give its hash is damage.
 */
#pragma once

#include "agent/approval.h"

/* All borrowed. */
typedef struct {
    const char *tool;
    const char *exact;
    const char *directory;
    const char *environment; /* NULL = "" */
} ApprovalBytes;

/* field_clear(approval_rule_fields, ...) after. created_at is now. */
ApprovalRule approval_rule_new(const ApprovalBytes *bytes);

/* Once; the same rule again changes nothing. */
bool approval_rules_add(const Paths *paths, const ApprovalRule *rule,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
