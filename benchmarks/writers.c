/* Many light writers in one thread: each edits a playlist as fast as its edits are acknowledged.
 *
 *   writers PORT PLAN SECONDS
 *
 * A writer has one submission under way. It keeps no replica: it follows the version and the length of the list
 * from the rows that everybody gets, and knows its own row, which is its ack. Half of its edits append an
 * entry; the others insert one anywhere, move one, or remove as many as keep the list at its length. The plan
 * (benchmarks/writing.py writes it) says who the writers are and which playlist each one edits. Prints one line
 * of JSON; exits 1 with a sentence on stderr when something is not as planned.
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <unistd.h>

#include "msgpack.h"
#include "websocket.h"

#define PATH "/v1/socket"
#define SUBPROTOCOL "tutti.v1.msgpack"

#define READ_BYTES (256 * 1024)
#define CARRY_MAX (72 * 1024)          /* the part of a frame: none is longer */
#define MESSAGE_MAX (4 * 1024 * 1024)  /* what may come in parts: a snapshot */
#define HANDSHAKES_MAX 64
#define WARMUP_NS 500000000ll
#define GIVE_UP_NS 60000000000ll
#define LATENCIES_MAX 4000000
/* Of six edits three append and one inserts: the one that removes takes four, and the list keeps its length. */
#define REMOVED_AT_ONCE 4
#define LENGTH_MIN 8

enum state { UPGRADING, OPENING, WRITING };

struct writer_client {
    int fd;
    enum state state;
    struct text id, room, hello, open, entry; /* `entry`: the members of its entries, but for the uid */
    uint32_t entry_members;
    uint64_t version;
    int64_t length; /* of the list at `version` */
    uint32_t seq;   /* of the submission under way or, if `is_free`, of the last one */
    int is_free;
    int64_t sent_ns;
    uint8_t *carry; /* the part of a frame that has come */
    size_t carry_have;
    uint8_t *parts; /* of a message that is larger than a frame */
    size_t parts_have;
};

static struct writer_client *clients;
static uint32_t client_count, live_count;
static int epoll_fd, is_writing, is_measuring;
static uint8_t buffer[CARRY_MAX + READ_BYTES];
static uint64_t acked_count;
static uint32_t *latencies_us;
static size_t latency_count;

/* -- writing ------------------------------------------------------------------------------------------- */

/* xorshift: the same edits in every run, as far as the server's answers allow. */
static uint32_t random_below(uint32_t n) {
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (state >> 32) % n;
}

/* The components of an op, and how many they are. */
struct op {
    struct writer components;
    unsigned count;
};

static void add_counted(struct op *op, const char *letter, uint32_t n) {
    if (n == 0) return;
    put_array(&op->components, 2);
    put_key(&op->components, letter);
    put_uint(&op->components, n);
    op->count++;
}

static void add_drop(struct op *op) {
    put_array(&op->components, 3);
    put_key(&op->components, "d");
    put_uint(&op->components, 0);
    put_uint(&op->components, 1);
    op->count++;
}

static void add_entry(struct op *op, struct writer_client *c) {
    struct writer *w = &op->components;
    char uid[64];
    int length = snprintf(uid, sizeof uid, "%.*s.%u", (int)c->id.length, c->id.bytes, c->seq);
    put_array(w, 2);
    put_key(w, "i");
    put_array(w, 1);
    put_map(w, 1 + c->entry_members);
    put_key(w, "uid");
    put_text(w, uid, length);
    put_raw(w, c->entry.bytes, c->entry.length);
    op->count++;
}

static void add_insert(struct op *op, struct writer_client *c, uint32_t at) {
    add_counted(op, "k", at);
    add_entry(op, c);
    add_counted(op, "k", c->length - at);
}

static void add_move(struct op *op, struct writer_client *c) {
    uint32_t from = random_below(c->length), to = random_below(c->length - 1);
    if (to >= from) { /* drop it behind `to`, which comes later in the list */
        to++;
        add_counted(op, "k", from);
        add_counted(op, "p", 1);
        add_counted(op, "k", to - from);
        add_drop(op);
        add_counted(op, "k", c->length - to - 1);
    } else {
        add_counted(op, "k", to);
        add_drop(op);
        add_counted(op, "k", from - to);
        add_counted(op, "p", 1);
        add_counted(op, "k", c->length - from - 1);
    }
}

static void add_removal(struct op *op, struct writer_client *c) {
    uint32_t at = random_below(c->length - REMOVED_AT_ONCE + 1);
    add_counted(op, "k", at);
    add_counted(op, "r", REMOVED_AT_ONCE);
    add_counted(op, "k", c->length - at - REMOVED_AT_ONCE);
}

static void submit(struct writer_client *c) {
    static uint8_t components[8192], message[16384];
    struct op op = {{components, components + sizeof components}, 0};
    struct writer w = {message, message + sizeof message};
    c->seq++;
    c->is_free = 0;
    uint32_t dice = c->length < LENGTH_MIN ? 0 : random_below(6);
    if (dice < 3) add_insert(&op, c, c->length);
    else if (dice == 3) add_insert(&op, c, random_below(c->length + 1));
    else if (dice == 4) add_move(&op, c);
    else add_removal(&op, c);
    put_array(&w, 1);
    put_map(&w, 5);
    put_key(&w, "type"), put_key(&w, "submit");
    put_key(&w, "room"), put_text(&w, c->room.bytes, c->room.length);
    put_key(&w, "seq"), put_uint(&w, c->seq);
    put_key(&w, "base"), put_uint(&w, c->version);
    put_key(&w, "op"), put_map(&w, 1);
    put_key(&w, "l"), put_array(&w, op.count);
    put_raw(&w, components, op.components.at - components);
    c->sent_ns = now_ns();
    send_frame(c->fd, BINARY, message, w.at - message);
}

/* -- receiving ----------------------------------------------------------------------------------------- */

static void receive_ack(struct writer_client *c, uint64_t seq, int64_t received_ns) {
    if (c->is_free || seq != c->seq) die("seq %lu was acknowledged and %u is under way", seq, c->seq);
    c->is_free = 1;
    if (!is_measuring) return;
    acked_count++;
    if (latency_count < LATENCIES_MAX) latencies_us[latency_count++] = (received_ns - c->sent_ns) / 1000;
}

/* By how much an op, of which the components are next, changes the length. */
static int64_t read_growth(struct reader *r) {
    int64_t growth = 0;
    for (uint32_t left = read_array(r); left; left--) {
        uint32_t members = read_array(r);
        struct text letter = read_text(r);
        members--;
        if (*letter.bytes == 'r') {
            growth -= read_uint(r);
            members--;
        } else if (*letter.bytes == 'i') {
            uint32_t entries = read_array(r);
            growth += entries;
            members--;
            while (entries--) skip(r);
        }
        while (members--) skip(r);
    }
    return growth;
}

static void read_row(struct writer_client *c, struct reader *r, int64_t received_ns) {
    uint32_t members = read_array(r);
    uint64_t version = read_uint(r);
    struct text client = read_text(r);
    uint64_t seq = read_uint(r), count = 1;
    skip(r); /* author */
    for (uint32_t left = read_map(r); left; left--) {
        if (is_text(read_text(r), "l")) c->length += read_growth(r);
        else skip(r);
    }
    if (members > 5) count = read_uint(r); /* more than one: composed, because we were behind */
    for (uint32_t left = members > 6 ? members - 6 : 0; left; left--) skip(r);
    if (version != c->version + count) die("version %lu came after %lu", version, c->version);
    c->version = version;
    if (client.length == c->id.length && memcmp(client.bytes, c->id.bytes, client.length) == 0)
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
            c->length = entries;
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
    uint64_t version = 0, seq = 0;
    for (; left; left--) {
        struct text key = read_text(r);
        if (is_ops && is_text(key, "ops")) {
            for (uint32_t rows = read_array(r); rows; rows--) read_row(c, r, received_ns);
        } else if (is_opened && is_text(key, "snapshot")) {
            read_snapshot(c, r);
        } else if (is_text(key, "version")) version = read_uint(r);
        else if (is_text(key, "seq")) seq = read_uint(r);
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

static uint32_t plan_u32(const char **at) {
    uint32_t value;
    memcpy(&value, *at, 4);
    *at += 4;
    return value;
}

static struct text plan_text(const char **at) {
    uint32_t length = plan_u32(at);
    struct text text = {*at, length};
    *at += length;
    return text;
}

static void read_plan(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die("cannot open %s", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *plan = malloc(size);
    if (!plan || fread(plan, 1, size, file) != (size_t)size) die("cannot read %s", path);
    fclose(file);
    const char *at = plan;
    client_count = plan_u32(&at);
    clients = calloc(client_count, sizeof *clients);
    for (struct writer_client *c = clients; c < clients + client_count; c++) {
        c->id = plan_text(&at);
        c->room = plan_text(&at);
        c->hello = plan_text(&at);
        c->open = plan_text(&at);
        c->entry_members = plan_u32(&at);
        c->entry = plan_text(&at);
    }
}

static void turn(void) {
    struct epoll_event events[256];
    int n = epoll_wait(epoll_fd, events, 256, 100);
    for (int i = 0; i < n; i++) receive(events[i].data.ptr);
}

static void open_all(int port) {
    int64_t give_up = now_ns() + GIVE_UP_NS;
    uint32_t opened = 0;
    while (live_count < client_count) {
        while (opened < client_count && opened - live_count < HANDSHAKES_MAX) {
            struct writer_client *c = &clients[opened++];
            c->fd = open_socket(port, PATH, SUBPROTOCOL);
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
            epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
        }
        turn();
        if (now_ns() > give_up) die("only %u of %u writers got in", live_count, client_count);
    }
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile_ms(double share) {
    return latency_count ? latencies_us[(size_t)(share * (latency_count - 1))] / 1000.0 : 0;
}

static void write_for(double seconds) {
    int64_t begin = now_ns(), started = 0, started_cpu = 0;
    is_writing = 1;
    for (uint32_t i = 0; i < client_count; i++) submit(&clients[i]);
    for (int64_t now = begin; !is_measuring || now < started + (int64_t)(seconds * 1e9); now = now_ns()) {
        if (!is_measuring && now >= begin + WARMUP_NS) {
            is_measuring = 1;
            started = now;
            started_cpu = cpu_ns();
        }
        turn();
    }
    double took_s = (now_ns() - started) / 1e9;
    double cpu = (cpu_ns() - started_cpu) / 1e9 / took_s;
    qsort(latencies_us, latency_count, sizeof *latencies_us, by_value);
    printf("{\"acked_per_s\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"length\": %ld, \"cpu\": %.3f}\n",
           acked_count / took_s, percentile_ms(0.5), percentile_ms(0.99), clients[0].length, cpu);
}

int main(int count, char **words) {
    if (count != 4) die("usage: writers PORT PLAN SECONDS");
    epoll_fd = epoll_create1(0);
    latencies_us = malloc(LATENCIES_MAX * sizeof *latencies_us);
    read_plan(words[2]);
    open_all(atoi(words[1]));
    write_for(atof(words[3]));
    return 0;
}
