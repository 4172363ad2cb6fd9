/* A storm: thousands come at once, while a few edit and feel it.
 *
 *   storm PORT PLAN CALM_SECONDS
 *
 * The residents edit first, alone, each at its pace; then says "calm" and waits for a line. Then all comers connect
 * at the same moment. Each opens its playlist and makes one edit; who is turned away comes back when it was told to,
 * with the pauses of an SDK. When the last one's edit is acknowledged it says one line of JSON, and all stay,
 * answering pings, until stdin ends. The plan (benchmarks/storm.py writes it) is two lists of people. A resident's
 * edit is timed from when it was due: waiting for the one before is lateness, too. Exits 1 with a sentence on stderr
 * when something is not as planned.
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <unistd.h>

#include "people.h"
#include "series.h"

#define READ_BYTES (256 * 1024)
#define CARRY_MAX (72 * 1024) /* the part of a frame: none is longer */
#define PACE_NS 200000000ll   /* of a resident */
#define WARMUP_NS 500000000ll
#define GIVE_UP_NS 120000000000ll
/* As clients/python/tutti_client/backoff.py while an absence is young. */
#define RETRY_FIRST_MS 250
#define RETRY_LAST_MS 2000

enum state { AWAY, CONNECTING, UPGRADING, OPENING, EDITING, IDLE, PUT_OFF };

struct client {
    struct person me;
    int fd, is_resident, was_open, has_edited;
    enum state state;
    uint32_t seq, attempts;
    uint64_t version, base; /* `base`: of the submission under way, the same however often it is sent */
    int64_t due_ns;         /* of the next edit, or attempt; 0: none */
    int waits_for_opened;   /* what was put off */
    uint8_t *carry;
    size_t carry_have;
};

static struct client *clients;
static uint32_t resident_count, client_count, open_count, edited_count;
static uint64_t attempt_count, refused_count, put_off_count, lost_count;
static int port, epoll_fd, is_over;
static int64_t storm_ns, last_open_ns, last_edit_ns;
static struct series calm, stormy, arrivals, discarded, *acks = &discarded;
static uint8_t buffer[CARRY_MAX + READ_BYTES];

/* -- coming and going ---------------------------------------------------------------------------------- */

static void watch(struct client *c, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(epoll_fd, operation, c->fd, &event);
}

static void wait_for(struct client *c, int64_t hint_ms) {
    int64_t ceiling_ms = RETRY_FIRST_MS << (c->attempts < 4 ? c->attempts - 1 : 3);
    if (ceiling_ms > RETRY_LAST_MS) ceiling_ms = RETRY_LAST_MS;
    c->due_ns = now_ns() + (hint_ms + random() % ceiling_ms) * 1000000;
}

static void go_away(struct client *c, int64_t hint_ms) {
    if (c->is_resident) die("a resident was turned out");
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->carry_have = 0;
    c->state = AWAY;
    wait_for(c, hint_ms);
}

static void lose(struct client *c) {
    lost_count++;
    go_away(c, 0);
}

static void say(struct client *c, enum opcode opcode, const uint8_t *payload, size_t length) {
    if (c->state != AWAY && !try_send_frame(c->fd, opcode, payload, length)) lose(c);
}

static void come(struct client *c) {
    struct sockaddr_in address = loopback(port);
    int one = 1;
    attempt_count++;
    c->attempts++;
    c->due_ns = 0;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) die("no more sockets: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->state = CONNECTING;
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) lose(c);
    else watch(c, EPOLLOUT, EPOLL_CTL_ADD);
}

static void connected(struct client *c) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    c->state = UPGRADING;
    watch(c, EPOLLIN, EPOLL_CTL_MOD);
    if (error || !ask_for_upgrade(c->fd, port, PATH, SUBPROTOCOL)) lose(c);
}

/* -- editing ------------------------------------------------------------------------------------------- */

static void submit(struct client *c) {
    uint8_t message[512];
    struct writer w = {message, message + sizeof message};
    char text[64];
    int length = snprintf(text, sizeof text, "%.*s, edit number %10u", (int)c->me.id.length, c->me.id.bytes, c->seq);
    put_array(&w, 1);
    put_map(&w, 5);
    put_key(&w, "type"), put_key(&w, "submit");
    put_key(&w, "room"), put_text(&w, c->me.room.bytes, c->me.room.length);
    put_key(&w, "seq"), put_uint(&w, c->seq);
    put_key(&w, "base"), put_uint(&w, c->base);
    put_key(&w, "op"), put_map(&w, 1), put_key(&w, "a"), put_map(&w, 1);
    put_key(&w, "description"), put_text(&w, text, length);
    c->state = EDITING;
    say(c, BINARY, message, w.at - message);
}

static void edit(struct client *c) {
    c->seq++;
    c->base = c->version;
    submit(c);
}

static void opened(struct client *c) {
    if (!c->was_open) {
        c->was_open = 1;
        open_count++;
        last_open_ns = now_ns();
    }
    c->state = IDLE;
    if (c->is_resident) return;
    if (!c->seq) edit(c);
    else if (!c->has_edited) submit(c);
}

static void acknowledged(struct client *c, uint64_t seq) {
    int64_t now = now_ns();
    if (c->state != EDITING || seq != c->seq) return; /* an answer to one that was sent twice */
    c->state = IDLE;
    if (c->is_resident) {
        add_to(acks, (now - c->due_ns) / 1000);
        c->due_ns += PACE_NS;
    } else {
        c->has_edited = 1;
        edited_count++;
        last_edit_ns = now;
        add_to(&arrivals, (now - storm_ns) / 1000);
    }
}

/* The server says "not now" to what was asked last. */
static void put_off(struct client *c, int64_t hint_ms) {
    if (c->is_resident) die("a resident was put off");
    put_off_count++;
    c->waits_for_opened = c->state == OPENING;
    c->state = PUT_OFF;
    wait_for(c, hint_ms);
}

static void ask_again(struct client *c) {
    c->due_ns = 0;
    if (c->waits_for_opened) {
        c->state = OPENING;
        say(c, BINARY, (const uint8_t *)c->me.open.bytes, c->me.open.length);
    } else {
        submit(c);
    }
}

/* -- receiving ----------------------------------------------------------------------------------------- */

static void read_row(struct client *c, struct reader *r) {
    uint32_t members = read_array(r);
    c->version = read_uint(r);
    struct text client = read_text(r);
    uint64_t seq = read_uint(r);
    for (uint32_t left = members - 3; left; left--) skip(r);
    if (client.length == c->me.id.length && memcmp(client.bytes, c->me.id.bytes, client.length) == 0)
        acknowledged(c, seq);
}

/* The members that concern us; those of other messages are passed over. `type` comes first. */
static void read_message(struct client *c, struct reader *r) {
    uint32_t left = read_map(r) - 1;
    if (!is_text(read_text(r), "type")) die("the type of a message comes first");
    struct text type = read_text(r), code = {"", 0};
    int is_ops = is_text(type, "ops"), is_opened = is_text(type, "opened"), is_retryable = 0;
    uint64_t version = 0, seq = 0, retry_after_ms = 0;
    for (; left; left--) {
        struct text key = read_text(r);
        if (is_ops && is_text(key, "ops")) {
            for (uint32_t rows = read_array(r); rows; rows--) read_row(c, r);
        } else if (is_text(key, "version")) version = read_uint(r);
        else if (is_text(key, "seq")) seq = read_uint(r);
        else if (is_text(key, "retry_after_ms")) retry_after_ms = read_uint(r);
        else if (is_text(key, "retryable")) is_retryable = read_bool(r);
        else if (is_text(key, "code")) code = read_text(r);
        else skip(r);
    }
    if (is_opened) {
        c->version = version;
        opened(c);
    } else if (is_text(type, "ack")) {
        acknowledged(c, seq);
    } else if (is_text(type, "goodbye")) {
        refused_count++;
        go_away(c, retry_after_ms);
    } else if (is_text(type, "refused") && is_retryable) {
        put_off(c, retry_after_ms);
    } else if (is_text(type, "refused")) {
        die("the server refused: %.*s", (int)code.length, code.bytes);
    } else if (is_text(type, "part")) {
        die("a playlist is too large for this generator");
    }
}

static void receive_frames(struct client *c, const uint8_t *at, const uint8_t *end) {
    struct frame frame;
    while (c->state != AWAY && next_frame(&at, end, &frame)) {
        if (frame.opcode == BINARY) {
            struct reader r = {frame.payload, frame.end};
            for (uint32_t messages = read_array(&r); messages && c->state != AWAY; messages--) read_message(c, &r);
        } else if (frame.opcode == PING) {
            say(c, PONG, frame.payload, frame.end - frame.payload);
        } else if (frame.opcode == CLOSE) {
            lose(c);
        }
    }
    if (c->state == AWAY) return;
    c->carry_have = end - at;
    if (c->carry_have > CARRY_MAX) die("a frame is too large");
    if (!c->carry_have) return;
    if (!c->carry) c->carry = malloc(CARRY_MAX);
    memcpy(c->carry, at, c->carry_have);
}

static void receive_upgrade(struct client *c, uint8_t *start, uint8_t *end) {
    uint8_t *head_end = memmem(start, end - start, "\r\n\r\n", 4);
    if (!head_end || end - start < 12 || memcmp(start + 9, "101", 3)) {
        refused_count++;
        go_away(c, 0);
        return;
    }
    c->state = OPENING;
    say(c, BINARY, (const uint8_t *)c->me.hello.bytes, c->me.hello.length);
    say(c, BINARY, (const uint8_t *)c->me.open.bytes, c->me.open.length);
    if (c->state == OPENING) receive_frames(c, head_end + 4, end);
}

static void receive(struct client *c) {
    size_t carried = c->carry_have;
    if (carried) memcpy(buffer, c->carry, carried);
    ssize_t n = recv(c->fd, buffer + carried, READ_BYTES, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) lose(c);
    else if (c->state == UPGRADING) receive_upgrade(c, buffer, buffer + n);
    else receive_frames(c, buffer, buffer + carried + n);
}

/* -- the run ------------------------------------------------------------------------------------------- */

/* Handles what came, and what is due. True if stdin has something to say. */
static int turn(void) {
    struct epoll_event events[256];
    int n = epoll_wait(epoll_fd, events, 256, is_over ? 1000 : 1), was_told = 0;
    for (int i = 0; i < n; i++) {
        struct client *c = events[i].data.ptr;
        if (!c) was_told = 1;
        else if (c->state == CONNECTING) connected(c);
        else if (c->state != AWAY) receive(c);
    }
    int64_t now = now_ns();
    for (struct client *c = clients; c < clients + client_count; c++) {
        if (!c->due_ns || now < c->due_ns) continue;
        if (c->state == AWAY) come(c);
        else if (c->state == PUT_OFF) ask_again(c);
        else if (c->is_resident && c->state == IDLE && !is_over) edit(c);
    }
    return was_told;
}

static void read_plan(const char *path) {
    const char *at = plan_open(path), *first = at;
    resident_count = plan_u32(&at);
    for (uint32_t i = 0; i < resident_count; i++) plan_person(&at);
    client_count = resident_count + plan_u32(&at);
    clients = calloc(client_count, sizeof *clients);
    at = first + 4;
    for (uint32_t i = 0; i < client_count; i++) {
        if (i == resident_count) plan_u32(&at);
        clients[i].me = plan_person(&at);
        clients[i].is_resident = i < resident_count;
        clients[i].fd = -1;
    }
}

static void move_in(void) {
    int64_t give_up = now_ns() + GIVE_UP_NS;
    for (uint32_t i = 0; i < resident_count; i++) come(&clients[i]);
    while (open_count < resident_count) {
        turn();
        if (now_ns() > give_up) die("only %u of %u residents got in", open_count, resident_count);
    }
    for (uint32_t i = 0; i < resident_count; i++)
        clients[i].due_ns = now_ns() + PACE_NS * (i + 1) / resident_count;
}

static void live(int64_t for_ns) {
    for (int64_t end = now_ns() + for_ns; now_ns() < end;) turn();
}

static void storm(void) {
    storm_ns = now_ns();
    attempt_count = 0;
    acks = &stormy;
    for (uint32_t i = resident_count; i < client_count; i++) come(&clients[i]);
    while (edited_count < client_count - resident_count) {
        turn();
        if (now_ns() > storm_ns + GIVE_UP_NS)
            die("only %u of %u comers were editing in the end", edited_count, client_count - resident_count);
    }
}

static void report(double cpu) {
    struct series *all[] = {&calm, &stormy, &arrivals};
    for (int i = 0; i < 3; i++) sort(all[i]);
    printf("{\"open_s\": %.3f, \"editing_s\": %.3f, \"arrival_p50_ms\": %.3f, \"attempts\": %lu, \"refused\": %lu, "
           "\"put_off\": %lu, \"lost\": %lu, \"calm_p50_ms\": %.3f, \"calm_p99_ms\": %.3f, \"storm_p50_ms\": %.3f, "
           "\"storm_p99_ms\": %.3f, \"storm_max_ms\": %.3f, \"storm_edits\": %lu, \"cpu\": %.3f}\n",
           (last_open_ns - storm_ns) / 1e9, (last_edit_ns - storm_ns) / 1e9, percentile_ms(&arrivals, 0.5),
           attempt_count, refused_count, put_off_count, lost_count, percentile_ms(&calm, 0.5), percentile_ms(&calm, 0.99),
           percentile_ms(&stormy, 0.5), percentile_ms(&stormy, 0.99), percentile_ms(&stormy, 1), stormy.count, cpu);
    fflush(stdout);
}

int main(int count, char **words) {
    if (count != 4) die("usage: storm PORT PLAN CALM_SECONDS");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll_fd = epoll_create1(0);
    port = atoi(words[1]);
    read_plan(words[2]);
    move_in();
    live(WARMUP_NS);
    acks = &calm;
    live((int64_t)(atof(words[3]) * 1e9));
    acks = &discarded;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    puts("calm");
    fflush(stdout);
    char line[16];
    while (!turn()) {}
    if (!fgets(line, sizeof line, stdin)) return 0;
    int64_t cpu = cpu_ns();
    storm();
    report((cpu_ns() - cpu) / 1e9 / ((now_ns() - storm_ns) / 1e9));
    is_over = 1;
    while (!turn()) {}
    return 0;
}
