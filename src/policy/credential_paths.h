/*
 * policy/credential_paths.h: where people keep keys, passwords and histories.
 *
 * No tool reads them, not even when the configuration grants a folder above. Relative to home.
 */
#pragma once

/* Ended by NULL. */
extern const char *const credential_paths[];
