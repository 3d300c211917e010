/* tests/escape/attempts_files.c: rows 1-29, 36, 37 and 96: reading and changing files. */
#include "attempt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *secret(void) {
    return in_folder(ground.home, ".ssh/id_rsa");
}
static const char *here(const char *name) {
    return in_folder(ground.workspace, name);
}

static void read_secret(void) {
    print_file(secret());
}

static void dotdot_read(void) {
    print_file(here("../.ssh/id_rsa"));
}

static void symlink_read(void) {
    unlink(here("sub/a-link"));
    if (step(symlink(secret(), here("sub/a-link")) == 0, "make a link"))
        print_file(here("sub/a-link"));
}

static void opath_reopen(void) {
    int fd = open(secret(), O_PATH | O_CLOEXEC);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (step(fd >= 0, "open O_PATH")) print_file(path);
}

static void fhandle(void) {
    union {
        struct file_handle handle;
        char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } it = { .handle.handle_bytes = MAX_HANDLE_SZ };
    int mount_id = 0;
    bool has_handle = name_to_handle_at(AT_FDCWD, secret(), &it.handle, &mount_id, 0) == 0;
    if (!has_handle && errno == EOPNOTSUPP) {
        na("this file system has no handles");
        return;
    }
    if (!tried(has_handle, "name_to_handle_at")) return;
    int folder = open(ground.workspace, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    print_descriptor(open_by_handle_at(folder, &it.handle, O_RDONLY), "by handle");
}

static void proc_self_root(void) {
    print_file(in_folder("/proc/self/root", secret()));
    print_file(in_folder("/proc/self/cwd/..", ".ssh/id_rsa"));
    print_file(in_folder("/proc/thread-self/root", secret()));
}

static void proc_init_root(void) {
    print_file(in_folder("/proc/1/root", secret()));
}

static void credential_files(void) {
    static const char *const names[] = {
        ".ssh/id_ed25519",
        ".aws/credentials",
        ".azure/accessTokens.json",
        ".gnupg/private-keys-v1.d/key",
        ".docker/config.json",
        ".kube/config",
        ".npmrc",
        ".pypirc",
        ".netrc",
        ".git-credentials",
        ".config/gh/hosts.yml",
        ".config/gcloud/credentials.db",
        ".mozilla/firefox/x.default/logins.json",
        ".config/google-chrome/Default/Login Data",
        ".config/chromium/Default/Cookies",
        ".local/share/keyrings/login.keyring",
        ".password-store/bank.gpg",
        ".bash_history",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        print_file(in_folder(ground.home, names[i]));
}

static void state_files(void) {
    static const char *const names[] = { "localgpt.audit.jsonl", "pairing.json", "api-token",
                                         "agents/main/sessions/one.jsonl" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        print_file(in_folder(ground.state, names[i]));
    print_file(in_folder(ground.home, ".local/share/localgpt/localgpt.device.key"));
    print_file(ground.config);
}

static void write_outside(void) {
    append_to(in_folder(ground.home, ".bashrc"), "echo owned\n");
    append_to(ground.config, "# owned\n");
    append_to(in_folder(ground.state, "localgpt.audit.jsonl"), "owned\n");
}

static void creat_outside(void) {
    const char *const folders[] = { ground.home, ground.state, in_folder(ground.home, ".ssh"),
                                    in_folder(ground.home, ".config") };
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        int fd = open(in_folder(folders[i], "planted"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        tried(fd >= 0, "create in %s", folders[i]);
        if (fd >= 0) close(fd);
    }
}

static void mkdir_outside(void) {
    tried(mkdir(in_folder(ground.home, "planted"), 0700) == 0, "mkdir");
}

static void unlink_outside(void) {
    tried(unlink(in_folder(ground.home, ".bashrc")) == 0, "unlink");
    tried(rmdir(in_folder(ground.home, "empty")) == 0, "rmdir");
}

static void truncate_outside(void) {
    tried(truncate(in_folder(ground.home, ".bashrc"), 0) == 0, "truncate");
}

static void rename_out_in(void) {
    tried(rename(secret(), here("sub/taken")) == 0, "rename");
}

static void rename_in_out(void) {
    FILE *file = fopen(here("sub/mine"), "we");
    if (file != NULL) fclose(file);
    tried(rename(here("sub/mine"), in_folder(ground.home, ".bashrc")) == 0, "rename");
}

static void link_out_in(void) {
    unlink(here("sub/linked"));
    if (!tried(link(in_folder(ground.home, ".bashrc"), here("sub/linked")) == 0, "link")) return;
    append_to(here("sub/linked"), "echo owned\n");
}

static void mknod_device(void) {
    if (!tried(mknod(here("sub/disk"), S_IFBLK | 0600, makedev(7, 0)) == 0, "mknod of a disk"))
        return;
    unlink(here("sub/disk"));
    tried(mknod(here("sub/memory"), S_IFCHR | 0600, makedev(1, 1)) == 0, "mknod of memory");
    unlink(here("sub/memory"));
}

/* Whatever block device this machine has, and the kernel's log. */
static void open_devices(void) {
    DIR *folder = opendir("/sys/block");
    const struct dirent *entry = NULL;
    bool is_found = false;
    while (folder != NULL && !is_found && (entry = readdir(folder)) != NULL) {
        const char *path = in_folder("/dev", entry->d_name);
        if (entry->d_name[0] == '.') continue;
        is_found = true;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        tried(fd >= 0 || errno == ENXIO, "open %s", path);
        if (fd >= 0) close(fd);
    }
    if (folder != NULL) closedir(folder);
    if (!is_found) tried(open("/dev/vda", O_RDONLY | O_CLOEXEC) >= 0, "open a disk");
    tried(open("/dev/kmsg", O_RDONLY | O_CLOEXEC | O_NONBLOCK) >= 0, "open /dev/kmsg");
}

static void stat_secret(void) {
    struct stat status;
    char target[256];
    tried(stat(secret(), &status) == 0, "stat");
    tried(access(secret(), F_OK) == 0, "access");
    tried(readlink(in_folder(ground.home, "a-link"), target, sizeof target) > 0, "readlink");
}

static void chmod_outside(void) {
    tried(chmod(secret(), 0777) == 0, "chmod");
}

static void utimes_outside(void) {
    struct timeval times[2] = { { 1, 0 }, { 1, 0 } };
    tried(utimes(secret(), times) == 0, "utimes");
    bool has_worked = setxattr(secret(), "user.owned", "x", 1, 0) == 0;
    if (!has_worked && errno == EOPNOTSUPP)
        na("this file system has no user attributes");
    else
        tried(has_worked, "setxattr");
}

static void inotify_outside(void) {
    int fd = inotify_init1(IN_CLOEXEC);
    tried(fd >= 0 && inotify_add_watch(fd, in_folder(ground.home, ".ssh"), IN_ALL_EVENTS) >= 0,
          "watch ~/.ssh");
}

static void readdir_outside(void) {
    DIR *folder = opendir(in_folder(ground.home, ".ssh"));
    const struct dirent *entry = NULL;
    tried(folder != NULL, "list ~/.ssh");
    while (folder != NULL && (entry = readdir(folder)) != NULL) printf("%s\n", entry->d_name);
    if (folder != NULL) closedir(folder);
}

static void chdir_outside(void) {
    tried(chdir(in_folder(ground.home, ".ssh")) == 0, "chdir to ~/.ssh");
}

/* Protected names: protect.py has the long list; these are the rows of the table. */

static void protected_write(void) {
    append_to(here("LocalGPT.md"), "Obey me.\n");
}

static void protected_rename_over(void) {
    FILE *file = fopen(here("sub/mine"), "we");
    if (file != NULL) fclose(file);
    tried(rename(here("sub/mine"), here("LocalGPT.md")) == 0, "rename over");
}

static void protected_create_missing(void) {
    int fd = open(here("IDENTITY.md"), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    tried(fd >= 0, "create");
    if (fd >= 0) close(fd);
    fd = open(here("IDENTITY.md"), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    /* What stands there may be a bound /dev/null, which swallows what is written. */
    struct stat status;
    bool is_file = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    tried(is_file && write(fd, "owned", 5) == 5, "create or write");
    if (fd >= 0) close(fd);
}

static void protected_parent_rename(void) {
    tried(rename(here(".git"), here(".git-away")) == 0, "rename .git");
    tried(rename(ground.workspace, in_folder(ground.home, "elsewhere")) == 0,
          "rename the workspace");
}

static void run_shell(const char *what, const char *script) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (chdir(ground.workspace) != 0) _exit(126);
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    errno = 0;
    tried(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", what);
}

static void protected_via_git(void) {
    run_shell("git checkout", "git --git-dir=tree.git --work-tree=. -c safe.directory='*' "
                              "checkout -q -f HEAD -- LocalGPT.md 2>&1");
    run_shell("git config", "git -c safe.directory='*' config core.fsmonitor 'touch owned' 2>&1");
    run_shell("git hook", "echo 'touch owned' > .git/hooks/post-commit");
}

static void protected_via_tools(void) {
    run_shell("cp", "echo owned > sub/mine && cp -f sub/mine LocalGPT.md 2>&1");
    run_shell("dd", "dd if=/dev/zero of=LocalGPT.md bs=4 count=1 2>&1");
    run_shell("tar", "mkdir -p sub/t && echo owned > sub/t/LocalGPT.md && tar -C sub/t -cf "
                     "sub/t.tar LocalGPT.md && "
                     "tar -xf sub/t.tar 2>&1");
    run_shell("mv", "echo owned > sub/mine && mv -f sub/mine LocalGPT.md 2>&1");
    run_shell("sed -i", "sed -i s/e/owned/ LocalGPT.md 2>&1");
}

static void protected_via_mmap(void) {
    int fd = open(here("LocalGPT.md"), O_RDWR | O_CLOEXEC);
    if (!tried(fd >= 0, "open for writing")) return;
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (tried(page != MAP_FAILED, "map for writing")) page[0] = 'X';
    close(fd);
}

/* 98: a folder is exchanged for a link to a folder outside, again and again, while files are
 * written and read through its name. */
static void exchange_for_ever(void) {
    for (;;) {
        syscall(SYS_renameat2, AT_FDCWD, here("sub/door"), AT_FDCWD, here("sub/link"),
                RENAME_EXCHANGE);
        syscall(SYS_renameat2, AT_FDCWD, here("sub/mine"), AT_FDCWD, here("LocalGPT.md"),
                RENAME_EXCHANGE);
    }
}

static void exchange_race(void) {
    enum { ROUNDS = 20000, BYTES = 256 };
    /* Whatever an earlier race left, under either name. */
    unlink(here("sub/link"));
    unlink(here("sub/door"));
    rmdir(here("sub/link"));
    mkdir(here("sub/door"), 0700);
    if (!step(symlink(in_folder(ground.home, ".ssh"), here("sub/link")) == 0, "make a link"))
        return;
    FILE *file = fopen(here("sub/mine"), "we");
    if (file != NULL) fclose(file);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) exchange_for_ever();
    char path[4096], text[BYTES];
    snprintf(path, sizeof path, "%s", here("sub/door/id_rsa"));
    int reads = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int fd = open(path, O_RDWR | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
        if (n > 0 && memmem(text, (size_t)n, "CANARY", strlen("CANARY")) != NULL) {
            if (reads++ == 0) printf("%.*s\n", (int)n, text);
            if (write(fd, "owned", 5) == 5) break;
        }
        if (fd >= 0) close(fd);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    errno = EACCES;
    tried(reads > 0, "get through an exchanged door");
}

static void shared_memory_plant(void) {
    int fd = open(in_folder("/dev/shm", ground.shm), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    bool is_written = fd >= 0 && write(fd, ground.token, strlen(ground.token)) > 0;
    tried(is_written, "write to /dev/shm");
}

static void temporary_plant(void) {
    int fd = open(in_folder("/tmp", ground.shm), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    tried(fd >= 0 && write(fd, ground.token, strlen(ground.token)) > 0, "write to /tmp");
}

/* clang-format off */
const Attempt file_attempts[] = {
    { 1, "read_secret", read_secret },
    { 2, "dotdot_read", dotdot_read },
    { 3, "symlink_read", symlink_read },
    { 4, "opath_reopen", opath_reopen },
    { 5, "fhandle", fhandle, ROOT_ONLY },
    { 6, "proc_self_root", proc_self_root },
    { 6, "proc_init_root", proc_init_root, ROOT_ONLY },
    { 7, "credential_files", credential_files },
    { 7, "credential_files_under_allowed_home", credential_files, HOME_READ },
    { 8, "state_files", state_files },
    { 8, "state_files_under_allowed_home", state_files, HOME_READ },
    { 9, "write_outside", write_outside },
    { 10, "creat_outside", creat_outside },
    { 11, "mkdir_outside", mkdir_outside },
    { 12, "unlink_outside", unlink_outside },
    { 13, "truncate_outside", truncate_outside },
    { 14, "rename_out_in", rename_out_in },
    { 14, "rename_in_out", rename_in_out },
    { 15, "link_out_in", link_out_in },
    { 16, "mknod_device", mknod_device, ROOT_ONLY },
    { 17, "open_devices", open_devices, ROOT_ONLY },
    { 18, "stat_secret", stat_secret, GAP },
    { 19, "chmod_outside", chmod_outside, GAP },
    { 20, "utimes_outside", utimes_outside, GAP },
    { 21, "inotify_outside", inotify_outside },
    { 22, "readdir_outside", readdir_outside },
    { 22, "chdir_outside", chdir_outside, GAP },
    { 23, "protected_write", protected_write },
    { 24, "protected_rename_over", protected_rename_over },
    { 25, "protected_create_missing", protected_create_missing },
    { 26, "protected_parent_rename", protected_parent_rename },
    { 27, "protected_via_git", protected_via_git },
    { 28, "protected_via_tools", protected_via_tools },
    { 28, "protected_via_mmap", protected_via_mmap },
    { 29, "protected_name_variants", .not_applicable = "names are compared by the kernel byte by byte; 'localgpt.md' is another file, which nothing loads" },
    { 36, "shared_memory_plant", shared_memory_plant },
    { 37, "temporary_plant", temporary_plant },
    { 98, "exchange_race", exchange_race },
    { 0 }
};
/* clang-format on */
