/* What a load generator's client needs of a WebSocket: connecting, frames, a clock, an end with a sentence. */
#ifndef TUTTI_WEBSOCKET_H
#define TUTTI_WEBSOCKET_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum opcode { TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

struct frame {
    enum opcode opcode;
    const uint8_t *payload, *end;
};

__attribute__((noreturn, format(printf, 1, 2))) static inline void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static inline int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* What this process has used so far. */
static inline int64_t cpu_ns(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000ll
        + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000ll;
}

/* Whether all of it was taken; a client of ours never has much to say. */
static inline int try_send(int fd, const uint8_t *data, size_t length) {
    return send(fd, data, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static inline void send_all(int fd, const uint8_t *data, size_t length) {
    errno = 0;
    if (!try_send(fd, data, length)) die("a client could not send: %s", errno ? strerror(errno) : "buffer full");
}

/* A client's frame, and whether it was taken. Its mask is zero, so the payload stands as it is; the server undoes
 * it all the same. */
static inline int try_send_frame(int fd, enum opcode opcode, const uint8_t *payload, size_t length) {
    uint8_t frame[8 + 65535];
    unsigned at = 2;
    if (length > 65535) die("a frame is too large");
    frame[0] = 0x80 | opcode;
    if (length < 126) {
        frame[1] = 0x80 | length;
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = length >> 8;
        frame[3] = length;
        at = 4;
    }
    memset(frame + at, 0, 4);
    memcpy(frame + at + 4, payload, length);
    return try_send(fd, frame, at + 4 + length);
}

static inline void send_frame(int fd, enum opcode opcode, const uint8_t *payload, size_t length) {
    errno = 0;
    if (!try_send_frame(fd, opcode, payload, length))
        die("a client could not send: %s", errno ? strerror(errno) : "buffer full");
}

/* The frame at `*at`, which moves past it. 0: not all of it is there yet. */
static inline int next_frame(const uint8_t **at, const uint8_t *end, struct frame *frame) {
    const uint8_t *head = *at;
    size_t have = end - head;
    if (have < 2) return 0;
    unsigned short_length = head[1] & 0x7f;
    unsigned need = short_length == 126 ? 4 : short_length == 127 ? 10 : 2;
    if (have < need) return 0;
    uint64_t length = short_length;
    if (need > 2) {
        length = 0;
        for (unsigned i = 2; i < need; i++) length = length << 8 | head[i];
    }
    if (have - need < length) return 0;
    *frame = (struct frame){head[0] & 0xf, head + need, head + need + length};
    *at = frame->end;
    return 1;
}

static inline struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* What a client says first, and whether it was taken. */
static inline int ask_for_upgrade(int fd, int port, const char *path, const char *subprotocol) {
    char request[512];
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Protocol: %s\r\n\r\n", path, port, subprotocol);
    return try_send(fd, (const uint8_t *)request, length);
}

/* A connected socket that has asked for its upgrade. */
static inline int open_socket(int port, const char *path, const char *subprotocol) {
    struct sockaddr_in address = loopback(port);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("cannot connect: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (!ask_for_upgrade(fd, port, path, subprotocol)) die("cannot ask for an upgrade");
    return fd;
}

#endif
