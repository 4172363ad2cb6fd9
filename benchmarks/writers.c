/* Many light writers in one thread: each edits a playlist as fast as its edits are acknowledged.
 *
 *   writers PORT[,PORT] PLAN SECONDS
 *
 * A writer has one submission under way. It keeps no replica: it follows the version and the length of the list
 * from the rows that everybody gets, and knows its own row, which is its ack. Told that the server is busy it
 * sends the same again when it was told to. The plan (benchmarks/writing.py writes it) says who the writers are
 * and which playlist each one edits; they are dealt out among the ports. Says "measuring" when the warm-up is
 * over, and then one line of JSON; exits 1 with a sentence on stderr when something is not as planned.
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <unistd.h>

#include "edits.h"
#include "people.h"
#include "series.h"

#define READ_BYTES (256 * 1024)
#define CARRY_MAX (72 * 1024)          /* the part of a frame: none is longer */
#define MESSAGE_MAX (4 * 1024 * 1024)  /* what may come in parts: a snapshot */
#define HANDSHAKES_MAX 64
#define WARMUP_NS 500000000ll
#define GIVE_UP_NS 60000000000ll
#define NODES_MAX 2
#define SUBMISSION_MAX 16384

enum state { UPGRADING, OPENING, WRITING };

struct writer_client {
    int fd, node;
    enum state state;
    struct author me;
    struct text room, hello, open;
    uint64_t version;
    int is_free;
    uint8_t *submission; /* the one under way, in case that it must be sent again */
    size_t submission_length;
    int64_t sent_ns, again_ns; /* when to send it again, 0: it was not refused */
    uint8_t *carry; /* the part of a frame that has come */
    size_t carry_have;
    uint8_t *parts; /* of a message that is larger than a frame */
    size_t parts_have;
};

static struct writer_client *clients;
static uint32_t client_count, live_count, node_count;
static int ports[NODES_MAX];
static int epoll_fd, is_writing, is_measuring;
static uint8_t buffer[CARRY_MAX + READ_BYTES];
static uint64_t busy_count, waiting_count;
static struct series all, of_node[NODES_MAX];

/* -- writing ------------------------------------------------------------------------------------------- */

static void submit(struct writer_client *c) {
    static uint8_t components[8192];
    struct op op = {{components, components + sizeof components}, 0};
    if (!c->submission) c->submission = malloc(SUBMISSION_MAX);
    struct writer w = {c->submission, c->submission + SUBMISSION_MAX};
    c->me.seq++;
    c->is_free = 0;
    add_edit(&op, &c->me);
    put_array(&w, 1);
    put_map(&w, 5);
    put_key(&w, "type"), put_key(&w, "submit");
    put_key(&w, "room"), put_text(&w, c->room.bytes, c->room.length);
    put_key(&w, "seq"), put_uint(&w, c->me.seq);
    put_key(&w, "base"), put_uint(&w, c->version);
    put_key(&w, "op"), put_map(&w, 1);
    put_key(&w, "l"), put_array(&w, op.count);
    put_raw(&w, components, op.components.at - components);
    c->submission_length = w.at - c->submission;
    c->sent_ns = now_ns();
    send_frame(c->fd, BINARY, c->submission, c->submission_length);
}

/* Those that were told to come again, and whose time it is. */
static void submit_again(void) {
    int64_t now = now_ns();
    for (uint32_t i = 0; waiting_count && i < client_count; i++) {
        struct writer_client *c = &clients[i];
        if (!c->again_ns || now < c->again_ns) continue;
        c->again_ns = 0;
        waiting_count--;
        send_frame(c->fd, BINARY, c->submission, c->submission_length);
    }
}

/* -- receiving ----------------------------------------------------------------------------------------- */

static void receive_ack(struct writer_client *c, uint64_t seq, int64_t received_ns) {
    if (c->is_free || seq != c->me.seq) die("seq %lu was acknowledged and %u is under way", seq, c->me.seq);
    c->is_free = 1;
    if (!is_measuring) return;
    uint32_t us = (received_ns - c->sent_ns) / 1000;
    add_to(&all, us);
    add_to(&of_node[c->node], us);
}

static void receive_busy(struct writer_client *c, uint64_t retry_after_ms) {
    if (is_measuring) busy_count++;
    c->again_ns = now_ns() + (int64_t)retry_after_ms * 1000000;
    waiting_count++;
}

static void read_row(struct writer_client *c, struct reader *r, int64_t received_ns) {
    uint32_t members = read_array(r);
    uint64_t version = read_uint(r);
    struct text client = read_text(r);
    uint64_t seq = read_uint(r), count = 1;
    skip(r); /* author */
    for (uint32_t left = read_map(r); left; left--) {
        if (is_text(read_text(r), "l")) c->me.length += read_growth(r);
        else skip(r);
    }
    if (members > 5) count = read_uint(r); /* more than one: composed, because we were behind */
    for (uint32_t left = members > 6 ? members - 6 : 0; left; left--) skip(r);
    if (version != c->version + count) die("version %lu came after %lu", version, c->version);
    c->version = version;
    if (client.length == c->me.id.length && memcmp(client.bytes, c->me.id.bytes, client.length) == 0)
        receive_ack(c, seq, received_ns);
}

static void read_snapshot(struct writer_client *c, struct reader *r) {
    for (uint32_t left = read_map(r); left; left--) {
        if (!is_text(read_text(r), "state")) {
            skip(r);
            continue;
        }
        for (uint32_t members = read_map(r); members; members--) {
            if (!is_text(read_text(r), "entries")) {
                skip(r);
                continue;
            }
            uint32_t entries = read_array(r);
            c->me.length = entries;
            while (entries--) skip(r);
        }
    }
}

static void receive_payload(struct writer_client *c, const uint8_t *at, const uint8_t *end, int64_t received_ns);

static void receive_part(struct writer_client *c, struct text data, int is_last, int64_t received_ns) {
    if (!c->parts) c->parts = malloc(MESSAGE_MAX);
    if (!c->parts || c->parts_have + data.length > MESSAGE_MAX) die("a message in parts is too large");
    memcpy(c->parts + c->parts_have, data.bytes, data.length);
    c->parts_have += data.length;
    if (!is_last) return;
    uint8_t *whole = c->parts;
    size_t length = c->parts_have;
    c->parts = NULL;
    c->parts_have = 0;
    receive_payload(c, whole, whole + length, received_ns);
    free(whole);
}

/* The members that concern a writer; those of other messages are passed over. `type` comes first. */
static void read_message(struct writer_client *c, struct reader *r, int64_t received_ns) {
    uint32_t left = read_map(r) - 1;
    if (!is_text(read_text(r), "type")) die("the type of a message comes first");
    struct text type = read_text(r), code = {"", 0}, data = {"", 0};
    int is_last = 0, is_ops = is_text(type, "ops"), is_opened = is_text(type, "opened");
    uint64_t version = 0, seq = 0, retry_after_ms = 0;
    for (; left; left--) {
        struct text key = read_text(r);
        if (is_ops && is_text(key, "ops")) {
            for (uint32_t rows = read_array(r); rows; rows--) read_row(c, r, received_ns);
        } else if (is_opened && is_text(key, "snapshot")) {
            read_snapshot(c, r);
        } else if (is_text(key, "version")) version = read_uint(r);
        else if (is_text(key, "seq")) seq = read_uint(r);
        else if (is_text(key, "retry_after_ms")) retry_after_ms = read_uint(r);
        else if (is_text(key, "code")) code = read_text(r);
        else if (is_text(key, "data")) data = read_text(r);
        else if (is_text(key, "last")) is_last = read_bool(r);
        else skip(r);
    }
    if (is_opened) {
        if (c->state == WRITING) die("a writer was sent back to a snapshot");
        c->state = WRITING;
        c->is_free = 1;
        c->version = version;
        live_count++;
    } else if (is_text(type, "ack")) {
        receive_ack(c, seq, received_ns);
    } else if (is_text(type, "part")) {
        receive_part(c, data, is_last, received_ns);
    } else if (is_text(type, "refused") && is_text(code, "busy")) {
        receive_busy(c, retry_after_ms);
    } else if (is_text(type, "refused") || is_text(type, "goodbye")) {
        die("the server said %.*s: %.*s", (int)type.length, type.bytes, (int)code.length, code.bytes);
    }
}

static void receive_payload(struct writer_client *c, const uint8_t *at, const uint8_t *end, int64_t received_ns) {
    struct reader r = {at, end};
    for (uint32_t messages = read_array(&r); messages; messages--) read_message(c, &r, received_ns);
}

static void receive_frames(struct writer_client *c, const uint8_t *at, const uint8_t *end, int64_t received_ns) {
    struct frame frame;
    while (next_frame(&at, end, &frame)) {
        if (frame.opcode == BINARY) receive_payload(c, frame.payload, frame.end, received_ns);
        else if (frame.opcode == PING) send_frame(c->fd, PONG, frame.payload, frame.end - frame.payload);
        else if (frame.opcode == CLOSE) die("the server closed a socket");
    }
    c->carry_have = end - at;
    if (c->carry_have > CARRY_MAX) die("a frame is too large");
    if (c->carry_have) {
        if (!c->carry) c->carry = malloc(CARRY_MAX);
        memcpy(c->carry, at, c->carry_have);
    }
}

static void receive_upgrade(struct writer_client *c, uint8_t *start, uint8_t *end) {
    uint8_t *head_end = memmem(start, end - start, "\r\n\r\n", 4);
    if (!head_end || end - start < 12 || memcmp(start + 9, "101", 3))
        die("the upgrade was refused: %.*s", (int)(end - start), start);
    send_frame(c->fd, BINARY, (const uint8_t *)c->hello.bytes, c->hello.length);
    send_frame(c->fd, BINARY, (const uint8_t *)c->open.bytes, c->open.length);
    c->state = OPENING;
    receive_frames(c, head_end + 4, end, 0);
}

static void receive(struct writer_client *c) {
    size_t carried = c->carry_have;
    if (carried) memcpy(buffer, c->carry, carried);
    ssize_t n = recv(c->fd, buffer + carried, READ_BYTES, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) die("the server ended a connection");
    if (c->state == UPGRADING) receive_upgrade(c, buffer, buffer + n);
    else receive_frames(c, buffer, buffer + carried + n, now_ns());
    if (is_writing && c->is_free) submit(c);
}

/* -- the plan and the run ------------------------------------------------------------------------------ */

static void read_plan(const char *path) {
    const char *at = plan_open(path);
    client_count = plan_u32(&at);
    clients = calloc(client_count, sizeof *clients);
    for (struct writer_client *c = clients; c < clients + client_count; c++) {
        struct person one = plan_person(&at);
        c->me.id = one.id, c->me.entry = one.entry, c->me.entry_members = one.entry_members;
        c->room = one.room, c->hello = one.hello, c->open = one.open;
    }
}

static void read_ports(char *words) {
    for (char *port = strtok(words, ","); port; port = strtok(NULL, ",")) {
        if (node_count == NODES_MAX) die("there are at most %d ports", NODES_MAX);
        ports[node_count++] = atoi(port);
    }
}

static void turn(void) {
    struct epoll_event events[256];
    int n = epoll_wait(epoll_fd, events, 256, waiting_count ? 1 : 100);
    for (int i = 0; i < n; i++) receive(events[i].data.ptr);
    if (waiting_count) submit_again();
}

static void open_all(void) {
    int64_t give_up = now_ns() + GIVE_UP_NS;
    uint32_t opened = 0;
    while (live_count < client_count) {
        while (opened < client_count && opened - live_count < HANDSHAKES_MAX) {
            struct writer_client *c = &clients[opened];
            c->node = opened++ % node_count;
            c->fd = open_socket(ports[c->node], PATH, SUBPROTOCOL);
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
            epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
        }
        turn();
        if (now_ns() > give_up) die("only %u of %u writers got in", live_count, client_count);
    }
}

/* Its members in the report; `of` comes behind their names. */
static void report(struct series *series, const char *of, double seconds) {
    sort(series);
    printf("\"acked_per_s%s\": %.1f, \"p50_ms%s\": %.3f, \"p99_ms%s\": %.3f, \"max_ms%s\": %.3f, ", of,
           series->count / seconds, of, percentile_ms(series, 0.5), of, percentile_ms(series, 0.99), of,
           percentile_ms(series, 1));
}

static void write_for(double seconds) {
    int64_t begin = now_ns(), started = 0, started_cpu = 0;
    is_writing = 1;
    for (uint32_t i = 0; i < client_count; i++) submit(&clients[i]);
    for (int64_t now = begin; !is_measuring || now < started + (int64_t)(seconds * 1e9); now = now_ns()) {
        if (!is_measuring && now >= begin + WARMUP_NS) {
            puts("measuring");
            fflush(stdout);
            is_measuring = 1;
            started = now;
            started_cpu = cpu_ns();
        }
        turn();
    }
    double took_s = (now_ns() - started) / 1e9;
    double cpu = (cpu_ns() - started_cpu) / 1e9 / took_s;
    putchar('{');
    report(&all, "", took_s);
    for (uint32_t node = 0; node_count > 1 && node < node_count; node++) {
        char of[32];
        snprintf(of, sizeof of, ", node %u", node + 1);
        report(&of_node[node], of, took_s);
    }
    printf("\"acked\": %lu, \"busy\": %lu, \"length\": %ld, \"cpu\": %.3f}\n", all.count, busy_count,
           clients[0].me.length, cpu);
}

int main(int count, char **words) {
    if (count != 4) die("usage: writers PORT[,PORT] PLAN SECONDS");
    epoll_fd = epoll_create1(0);
    read_ports(words[1]);
    read_plan(words[2]);
    open_all();
    write_for(atof(words[3]));
    return 0;
}
