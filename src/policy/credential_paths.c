/* policy/credential_paths.c: one line per place. */
#include "policy/credential_paths.h"

#include <stddef.h>

/* clang-format off */
const char *const credential_paths[] = {
    /* keys and tokens */
    ".ssh", ".aws", ".azure", ".boto", ".docker", ".gnupg", ".kube", ".config", ".netrc", ".npmrc",
    ".pypirc", ".git-credentials", ".gitconfig", ".pgpass", ".my.cnf", ".s3cfg", ".vault-token",
    ".terraform.d", ".cargo/credentials", ".cargo/credentials.toml", ".composer/auth.json",
    ".gem/credentials", ".gradle/gradle.properties", ".m2/settings.xml",
    ".subversion/auth", ".pki", ".password-store", ".local/share/keyrings", ".gcloud", ".minikube",
    ".oci", ".putty", ".rclone.conf", ".yarnrc.yml", ".databrickscfg", ".authinfo", ".authinfo.gpg",
    /* browsers and mail */
    ".mozilla", ".thunderbird", ".cache/mozilla", ".cache/google-chrome", ".cache/chromium",
    ".var/app", "snap",
    /* wallets */
    ".bitcoin", ".electrum", ".ethereum", ".monero",
    /* other assistants */
    ".claude", ".claude.json", ".codex", ".gemini", ".openclaw",
    /* what was typed, and the screen's key */
    ".bash_history", ".zsh_history", ".python_history", ".node_repl_history", ".psql_history",
    ".mysql_history", ".sqlite_history", ".lesshst", ".viminfo", ".local/share/fish",
    ".Xauthority", ".ICEauthority",
    NULL,
};
/* clang-format on */
