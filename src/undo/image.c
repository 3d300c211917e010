/* undo/image.c: see image.h. */
#include "undo/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "undo/hex.h"
#include "undo/place.h"

#define OVERLAY_PREFIX "user.overlay."

/* "/proc/self/fd/7/notes.md": extended attributes have no calls that take an open folder. */
static char *name_below(int folder_fd, const char *name) {
    if (*name == '/') return g_strdup(name);
    return g_strdup_printf("/proc/self/fd/%d/%s", folder_fd, name);
}

void undo_image_clear(UndoImage *image) {
    g_free(image->target);
    g_free(image->attributes);
    g_free(image->sha256);
    *image = (UndoImage){ 0 };
}

UndoImage undo_image_copy(const UndoImage *image) {
    UndoImage copy = *image;
    copy.target = g_strdup(image->target);
    copy.attributes = g_strdup(image->attributes);
    copy.sha256 = g_strdup(image->sha256);
    return copy;
}

static int kind_of(mode_t mode) {
    if (S_ISREG(mode)) return UNDO_KIND_FILE;
    if (S_ISDIR(mode)) return UNDO_KIND_FOLDER;
    return S_ISLNK(mode) ? UNDO_KIND_LINK : UNDO_KIND_OTHER;
}

void undo_image_from_stat(const struct stat *info, UndoImage *out_image) {
    *out_image = (UndoImage){
        .kind = kind_of(info->st_mode),
        .mode = info->st_mode,
        .owner = info->st_uid,
        .group = info->st_gid,
        .device = (int64_t)info->st_rdev,
        .inode = (int64_t)info->st_ino,
        .n_links = (int64_t)info->st_nlink,
        .size_bytes = S_ISDIR(info->st_mode) ? 0 : info->st_size,
        .modified_ns = undo_image_time_ns(info->st_mtim),
        .changed_ns = undo_image_time_ns(info->st_ctim),
    };
}

/* What a person or a program set; not what the system labels by itself. */
static bool is_kept(const char *attribute) {
    return (g_str_has_prefix(attribute, "user.") && !g_str_has_prefix(attribute, OVERLAY_PREFIX)) ||
           g_str_has_prefix(attribute, "system.posix_acl_") ||
           strcmp(attribute, "security.capability") == 0;
}

/* Names of the attributes that are kept, sorted; empty when there are none or none can be read. */
static GPtrArray *list_attributes(const char *path, bool (*is_wanted)(const char *)) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    ssize_t size = llistxattr(path, NULL, 0);
    if (size <= 0) return names;
    g_autofree char *list = g_malloc((size_t)size + 1);
    size = llistxattr(path, list, (size_t)size);
    if (size <= 0) return names;
    for (char *at = list; at < list + size; at += strlen(at) + 1)
        if (is_wanted(at)) g_ptr_array_add(names, g_strdup(at));
    text_array_sort(names);
    return names;
}

static bool read_attribute(const char *path, const char *name, GString *out_hex) {
    ssize_t size = lgetxattr(path, name, NULL, 0);
    if (size < 0) return false;
    g_autofree char *value = g_malloc((size_t)size + 1);
    size = lgetxattr(path, name, value, (size_t)size);
    if (size < 0) return false;
    if (out_hex->len > 0) g_string_append_c(out_hex, ',');
    undo_hex_append(out_hex, name, strlen(name));
    g_string_append_c(out_hex, '=');
    undo_hex_append(out_hex, value, (size_t)size);
    return true;
}

static char *read_attributes(const char *path) {
    g_autoptr(GPtrArray) names = list_attributes(path, is_kept);
    if (names->len == 0) return NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    for (unsigned i = 0; i < names->len; i++) read_attribute(path, names->pdata[i], text);
    return text->len > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

static char *read_target(int folder_fd, const char *name, int64_t size, GError **error) {
    size_t room = (size_t)size + 2;
    g_autofree char *target = g_malloc(room);
    ssize_t length = readlinkat(folder_fd, name, target, room - 1);
    if (length < 0) {
        undo_place_fail(error, "reading the link", name);
        return NULL;
    }
    target[length] = '\0';
    return g_steal_pointer(&target);
}

bool undo_image_read(int folder_fd, const char *name, UndoImage *out_image, GError **error) {
    struct stat info;
    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) {
            *out_image = (UndoImage){ 0 };
            return true;
        }
        undo_place_fail(error, "looking at", name);
        return false;
    }
    UndoImage image;
    undo_image_from_stat(&info, &image);
    if (image.kind == UNDO_KIND_LINK) {
        image.target = read_target(folder_fd, name, info.st_size, error);
        if (image.target == NULL) return false;
    } else {
        g_autofree char *path = name_below(folder_fd, name);
        image.attributes = read_attributes(path);
    }
    *out_image = image;
    return true;
}

bool undo_image_is_untouched(const UndoImage *expected, const UndoImage *now) {
    if (expected->kind != now->kind) return false;
    if (expected->kind == UNDO_KIND_ABSENT) return true;
    return expected->inode == now->inode && expected->size_bytes == now->size_bytes &&
           expected->mode == now->mode && expected->modified_ns == now->modified_ns &&
           expected->changed_ns == now->changed_ns;
}

bool undo_image_is_alike(const UndoImage *one, const UndoImage *other) {
    if (one->kind != other->kind) return false;
    if (one->kind == UNDO_KIND_ABSENT) return true;
    if (one->mode != other->mode || one->owner != other->owner || one->group != other->group ||
        one->size_bytes != other->size_bytes || one->device != other->device ||
        g_strcmp0(one->target, other->target) != 0 ||
        g_strcmp0(one->attributes, other->attributes) != 0)
        return false;
    return one->sha256 == NULL || other->sha256 == NULL || strcmp(one->sha256, other->sha256) == 0;
}

/* "hex=hex,...": the value of `name` in it, NULL when it is not there. */
static const char *find_attribute(const char *attributes, const char *hex_name, size_t *length) {
    size_t name_length = strlen(hex_name);
    for (const char *at = attributes; at != NULL && *at != '\0';) {
        const char *end = strchrnul(at, ',');
        if (strncmp(at, hex_name, name_length) == 0 && at[name_length] == '=') {
            *length = (size_t)(end - at) - name_length - 1;
            return at + name_length + 1;
        }
        at = *end == ',' ? end + 1 : end;
    }
    return NULL;
}

static bool remove_other_attributes(const char *path, const char *wanted, GError **error) {
    g_autoptr(GPtrArray) names = list_attributes(path, is_kept);
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *hex = undo_hex_encode(name, strlen(name));
        size_t length;
        if (find_attribute(wanted, hex, &length) != NULL) continue;
        if (removexattr(path, name) == 0 || errno == ENODATA) continue;
        undo_place_fail(error, "removing the attribute", name);
        return false;
    }
    return true;
}

static bool set_attribute(const char *path, const char *name, const char *hex, GError **error) {
    size_t length = 0;
    g_autofree char *value = undo_hex_decode(hex, strlen(hex), &length);
    if (value == NULL) return true;
    ssize_t old_length = getxattr(path, name, NULL, 0);
    if (old_length == (ssize_t)length) {
        g_autofree char *old = g_malloc(length + 1);
        if (getxattr(path, name, old, length) == (ssize_t)length && memcmp(old, value, length) == 0)
            return true;
    }
    if (setxattr(path, name, value, length, 0) == 0) return true;
    undo_place_fail(error, "setting the attribute", name);
    return false;
}

static bool apply_attributes(const char *path, const char *attributes, GError **error) {
    if (!remove_other_attributes(path, attributes, error)) return false;
    if (attributes == NULL) return true;
    g_auto(GStrv) pairs = g_strsplit(attributes, ",", -1);
    for (char **pair = pairs; *pair != NULL; pair++) {
        char *equals = strchr(*pair, '=');
        if (equals == NULL) continue;
        g_autofree char *name = undo_hex_decode(*pair, (size_t)(equals - *pair), NULL);
        if (name != NULL && !set_attribute(path, name, equals + 1, error)) return false;
    }
    return true;
}

static bool apply_times(int folder_fd, const char *name, const UndoImage *image, GError **error) {
    const struct timespec times[] = {
        { .tv_nsec = UTIME_OMIT },
        { image->modified_ns / 1000000000 - (image->modified_ns % 1000000000 < 0),
          (image->modified_ns % 1000000000 + 1000000000) % 1000000000 },
    };
    if (utimensat(folder_fd, name, times, AT_SYMLINK_NOFOLLOW) == 0) return true;
    undo_place_fail(error, "setting the time of", name);
    return false;
}

bool undo_image_apply(int folder_fd, const char *name, const UndoImage *image, GError **error) {
    struct stat now;
    if (fstatat(folder_fd, name, &now, AT_SYMLINK_NOFOLLOW) != 0) {
        undo_place_fail(error, "looking at", name);
        return false;
    }
    if (now.st_uid != image->owner || now.st_gid != image->group)
        /* Only root gives files away; what we made is ours then. */
        (void)!fchownat(folder_fd, name, (uid_t)image->owner, (gid_t)image->group,
                        AT_SYMLINK_NOFOLLOW);
    if (image->kind != UNDO_KIND_LINK) {
        g_autofree char *path = name_below(folder_fd, name);
        g_autofree char *attributes = read_attributes(path);
        bool is_other = g_strcmp0(attributes, image->attributes) != 0;
        /* user.* can only be set on what may be written. */
        if (is_other && (now.st_mode & 0200) == 0)
            (void)!fchmodat(folder_fd, name, (now.st_mode & 07777) | 0200, 0);
        if (is_other && !apply_attributes(path, image->attributes, error)) return false;
        if (fchmodat(folder_fd, name, (mode_t)image->mode & 07777, 0) != 0) {
            undo_place_fail(error, "setting the mode of", name);
            return false;
        }
    }
    return apply_times(folder_fd, name, image, error);
}

static bool is_overlay(const char *attribute) {
    return g_str_has_prefix(attribute, OVERLAY_PREFIX);
}

static bool strip(const char *path, const GPtrArray *names, const char *name, GError **error) {
    for (unsigned i = 0; i < names->len; i++) {
        const char *attribute = names->pdata[i];
        const char *inner = attribute + strlen(OVERLAY_PREFIX);
        if (g_str_has_prefix(inner, "overlay.")) {
            g_autofree char *own = g_strconcat("user.", inner, NULL);
            char value[256];
            ssize_t size = lgetxattr(path, attribute, value, sizeof value);
            if (size >= 0) (void)!lsetxattr(path, own, value, (size_t)size, 0);
        }
        if (lremovexattr(path, attribute) == 0 || errno == ENODATA) continue;
        undo_place_fail(error, "cleaning the attributes of", name);
        return false;
    }
    return true;
}

bool undo_image_strip_overlay(int folder_fd, const char *name, GError **error) {
    g_autofree char *path = name_below(folder_fd, name);
    g_autoptr(GPtrArray) names = list_attributes(path, is_overlay);
    if (names->len == 0) return true;
    struct stat info;
    bool is_read_only = fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                        !S_ISLNK(info.st_mode) && (info.st_mode & 0200) == 0;
    if (is_read_only) (void)!fchmodat(folder_fd, name, (info.st_mode & 07777) | 0200, 0);
    bool is_ok = strip(path, names, name, error);
    if (is_read_only) (void)!fchmodat(folder_fd, name, info.st_mode & 07777, 0);
    return is_ok;
}

bool undo_image_has_overlay_origin(int folder_fd, const char *name) {
    g_autofree char *path = name_below(folder_fd, name);
    return lgetxattr(path, OVERLAY_PREFIX "origin", NULL, 0) >= 0;
}

bool undo_image_has_overlay_flag(int folder_fd, const char *name, const char *attribute) {
    g_autofree char *path = name_below(folder_fd, name);
    g_autofree char *full = g_strconcat(OVERLAY_PREFIX, attribute, NULL);
    char value[4];
    return lgetxattr(path, full, value, sizeof value) == 1 && value[0] == 'y';
}
