/* engine/wire.c: frames over a stream socket, cut by EngineFrameReader, never trusted. */
#include "engine/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

enum { MAX_WAITING_DESCRIPTORS = 4, READ_BLOCK_BYTES = 64 * 1024 };

/* clang-format off */
static const char *const request_names[] = {
    NULL, "load", "tokenize", "detokenize", "render", "generate", "score", "embed", "state_save",
    "state_restore", "stats", "cancel",
};
static const char *const reply_names[] = {
    "progress", "loaded", "text", "choice", "done", "tokens", "bytes", "scores", "vector", "state",
    "facts", "error",
};
/* clang-format on */
G_STATIC_ASSERT(G_N_ELEMENTS(request_names) == ENGINE_LAST_REQUEST + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(reply_names) == ENGINE_LAST_REPLY - ENGINE_PROGRESS + 1);

const char *engine_frame_name(unsigned type) {
    if (type <= ENGINE_LAST_REQUEST) return request_names[type];
    if (type >= ENGINE_PROGRESS && type <= ENGINE_LAST_REPLY)
        return reply_names[type - ENGINE_PROGRESS];
    return NULL;
}

void engine_frame_clear(EngineFrame *frame) {
    g_clear_pointer(&frame->payload, g_free);
    if (frame->descriptor >= 0) close(frame->descriptor);
    *frame = (EngineFrame)ENGINE_FRAME_INIT;
}

struct EngineFrameReader {
    GByteArray *bytes; /* owned: from `start` on not yet cut */
    size_t start;
    bool is_bad;
};

EngineFrameReader *engine_frame_reader_new(void) {
    EngineFrameReader *reader = g_new0(EngineFrameReader, 1);
    reader->bytes = g_byte_array_new();
    return reader;
}

void engine_frame_reader_free(EngineFrameReader *reader) {
    if (reader == NULL) return;
    g_byte_array_unref(reader->bytes);
    g_free(reader);
}

void engine_frame_reader_feed(EngineFrameReader *reader, const void *bytes, size_t length) {
    if (reader->is_bad || length == 0) return;
    if (reader->start > 0) {
        g_byte_array_remove_range(reader->bytes, 0, (guint)reader->start);
        reader->start = 0;
    }
    g_byte_array_append(reader->bytes, bytes, (guint)length);
}

static uint32_t read_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

EngineReadResult engine_frame_reader_next(EngineFrameReader *reader, EngineFrame *out,
                                          GError **error) {
    size_t available = reader->bytes->len - reader->start;
    if (!reader->is_bad && available < ENGINE_FRAME_HEADER_BYTES) return ENGINE_READ_MORE;
    const uint8_t *header = reader->bytes->data + reader->start;
    uint32_t length = reader->is_bad ? 0 : read_u32(header);
    unsigned type = reader->is_bad ? 0 : (unsigned)(header[4] | header[5] << 8);
    if (length > ENGINE_FRAME_MAX_BYTES || engine_frame_name(type) == NULL) {
        reader->is_bad = true;
        error_set(error, ERR_DATA, "a frame of type %u and %u bytes is not part of the protocol",
                  type, length);
        return ENGINE_READ_BAD;
    }
    if (available - ENGINE_FRAME_HEADER_BYTES < length) return ENGINE_READ_MORE;
    out->type = (EngineFrameType)type;
    out->length = length;
    out->descriptor = -1;
    out->payload = g_malloc((size_t)length + 1);
    memcpy(out->payload, header + ENGINE_FRAME_HEADER_BYTES, length);
    out->payload[length] = '\0';
    reader->start += ENGINE_FRAME_HEADER_BYTES + length;
    return ENGINE_READ_FRAME;
}

struct EngineWire {
    int fd;                                   /* owned */
    EngineFrameReader *reader;                /* owned */
    char *block;                              /* owned: READ_BLOCK_BYTES */
    int descriptors[MAX_WAITING_DESCRIPTORS]; /* owned: received, not yet given to a frame */
    size_t n_descriptors;
};

EngineWire *engine_wire_new(int socket_fd) {
    EngineWire *wire = g_new0(EngineWire, 1);
    wire->fd = socket_fd;
    wire->reader = engine_frame_reader_new();
    wire->block = g_malloc(READ_BLOCK_BYTES);
    int flags = fcntl(socket_fd, F_GETFL);
    if (flags >= 0) fcntl(socket_fd, F_SETFL, flags | O_NONBLOCK);
    return wire;
}

void engine_wire_free(EngineWire *wire) {
    if (wire == NULL) return;
    for (size_t i = 0; i < wire->n_descriptors; i++) close(wire->descriptors[i]);
    engine_frame_reader_free(wire->reader);
    g_free(wire->block);
    close(wire->fd);
    g_free(wire);
}

int engine_wire_fd(const EngineWire *wire) {
    return wire->fd;
}

/* Sets the error; false, so that a caller can return it. */
static bool is_gone(GError **error) {
    error_set(error, ERR_PIPE_CLOSED, "the other end of the engine's socket is closed");
    return false;
}

/* Sends what the socket takes; the descriptor goes with the first byte. */
static bool send_all(EngineWire *wire, struct iovec *parts, size_t n_parts, int descriptor,
                     GError **error) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { 0 };
    while (n_parts > 0) {
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = n_parts };
        if (descriptor >= 0) {
            message.msg_control = control.bytes;
            message.msg_controllen = sizeof control.bytes;
            struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(sizeof(int));
            memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
        }
        ssize_t sent = sendmsg(wire->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd waiting = { .fd = wire->fd, .events = POLLOUT };
            poll(&waiting, 1, -1);
            continue;
        }
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return is_gone(error);
        if (sent < 0) {
            error_set_errno(error, errno, "sending to the engine's socket");
            return false;
        }
        descriptor = -1;
        size_t left = (size_t)sent;
        while (n_parts > 0 && left >= parts->iov_len) {
            left -= parts->iov_len;
            parts++;
            n_parts--;
        }
        if (n_parts > 0) {
            parts->iov_base = (char *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
    return true;
}

static bool send_frame(EngineWire *wire, EngineFrameType type, struct iovec payload, int descriptor,
                       GError **error) {
    if (payload.iov_len > ENGINE_FRAME_MAX_BYTES) {
        error_set(error, ERR_LIMIT, "a %s of %zu bytes does not fit in one frame of the engine",
                  engine_frame_name(type), payload.iov_len);
        return false;
    }
    uint32_t length = GUINT32_TO_LE((uint32_t)payload.iov_len);
    uint16_t number = GUINT16_TO_LE((uint16_t)type);
    uint8_t header[ENGINE_FRAME_HEADER_BYTES];
    memcpy(header, &length, sizeof length);
    memcpy(header + sizeof length, &number, sizeof number);
    struct iovec parts[] = { { header, sizeof header }, payload };
    return send_all(wire, parts, payload.iov_len > 0 ? 2 : 1, descriptor, error);
}

bool engine_wire_send(EngineWire *wire, EngineFrameType type, const void *payload, size_t length,
                      GError **error) {
    return send_frame(wire, type, (struct iovec){ (void *)(uintptr_t)payload, length }, -1, error);
}

bool engine_wire_send_descriptor(EngineWire *wire, EngineFrameType type, const char *payload,
                                 int descriptor, GError **error) {
    struct iovec part = { (void *)(uintptr_t)payload, strlen(payload) };
    return send_frame(wire, type, part, descriptor, error);
}

static void keep_descriptors(EngineWire *wire, struct msghdr *message) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
         part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        size_t n_files = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n_files; i++) {
            int fd = -1;
            memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            if (wire->n_descriptors < MAX_WAITING_DESCRIPTORS)
                wire->descriptors[wire->n_descriptors++] = fd;
            else
                close(fd);
        }
    }
}

/* Reads what is there. true: bytes or nothing yet; false: the other side is gone. */
static bool read_available(EngineWire *wire, size_t *out_n_bytes, GError **error) {
    *out_n_bytes = 0;
    union {
        char bytes[CMSG_SPACE(sizeof(int) * MAX_WAITING_DESCRIPTORS)];
        struct cmsghdr align;
    } control;
    struct iovec part = { wire->block, READ_BLOCK_BYTES };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes };
    ssize_t n = recvmsg(wire->fd, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return true;
    if (n == 0 || (n < 0 && errno == ECONNRESET)) return is_gone(error);
    if (n < 0) {
        error_set_errno(error, errno, "reading the engine's socket");
        return false;
    }
    keep_descriptors(wire, &message);
    engine_frame_reader_feed(wire->reader, wire->block, (size_t)n);
    *out_n_bytes = (size_t)n;
    return true;
}

/* Only these two frames carry a file. */
static void give_descriptor(EngineWire *wire, EngineFrame *frame) {
    bool takes_one = frame->type == ENGINE_STATE_SAVE || frame->type == ENGINE_STATE_RESTORE;
    if (!takes_one || wire->n_descriptors == 0) return;
    frame->descriptor = wire->descriptors[0];
    wire->n_descriptors--;
    memmove(wire->descriptors, wire->descriptors + 1, wire->n_descriptors * sizeof(int));
}

/* One wait of at most `timeout_ms`. false: time is over or `cancel` says stop. */
static bool wait_readable(EngineWire *wire, int timeout_ms, Cancel *cancel, GError **error) {
    if (!cancel_check(cancel, error)) return false;
    struct pollfd waiting[] = {
        { .fd = wire->fd, .events = POLLIN },
        { .fd = cancel_fd(cancel), .events = POLLIN },
    };
    int n = poll(waiting, G_N_ELEMENTS(waiting), cancel_poll_timeout_ms(cancel, timeout_ms));
    if (n < 0 && errno != EINTR) {
        error_set_errno(error, errno, "waiting for the engine's socket");
        return false;
    }
    if (waiting[0].revents != 0) return true;
    return cancel_check(cancel, error);
}

bool engine_wire_receive(EngineWire *wire, int timeout_ms, Cancel *cancel, EngineFrame *out,
                         GError **error) {
    int64_t deadline = g_get_monotonic_time() + (int64_t)timeout_ms * 1000;
    EngineFrame frame = ENGINE_FRAME_INIT;
    for (;;) {
        EngineReadResult result = engine_frame_reader_next(wire->reader, &frame, error);
        if (result == ENGINE_READ_BAD) return false;
        if (result == ENGINE_READ_FRAME) break;
        int left = -1;
        if (timeout_ms >= 0) {
            int64_t left_ms = (deadline - g_get_monotonic_time() + 999) / 1000;
            left = left_ms > 0 ? (int)left_ms : 0;
        }
        if (!wait_readable(wire, left, cancel, error)) return false;
        /* Read even when the time is over: a frame that is there counts as in time. */
        size_t n_bytes = 0;
        if (!read_available(wire, &n_bytes, error)) return false;
        if (left == 0 && n_bytes == 0) {
            error_set(error, ERR_TIMEOUT, "nothing came over the engine's socket for %d ms",
                      timeout_ms);
            return false;
        }
    }
    give_descriptor(wire, &frame);
    *out = frame;
    return true;
}
