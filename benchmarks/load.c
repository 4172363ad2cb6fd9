/* The load generator: many WebSocket clients in one thread, so that what is measured is the server.
 *
 *   load PORT[,PORT] PLAN run IN_FLIGHT SECONDS   closed loop: so many messages under way at once
 *   load PORT[,PORT] PLAN pace MESSAGES_S SECONDS open loop: a message when its time has come
 *   load PORT[,PORT] PLAN hold                    connect, say "ready", answer pings until stdin ends
 *
 * The plan (benchmarks/plan.py writes it) says what each socket sends to get ready and what a publisher
 * sends; publishers go to the first port, listeners to the last. A message is found wherever it stands inside a
 * frame, by its mark: MAGIC and eight hex digits. It is delivered when every listener has it; its latency counts
 * from when its time had come. Says "measuring" when the warm-up is over, and then one line of JSON; exits 1 with
 * a sentence on stderr when something is not as planned.
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "websocket.h"

#define MAGIC "~tutti:"
#define MAGIC_BYTES 7
#define MARK_BYTES (MAGIC_BYTES + 8)
#define CARRY_MAX 32 /* longer than a mark and than any ready text */
#define READ_BYTES (256 * 1024)
#define RING (1 << 16)      /* messages under way at once, at most */
#define HANDSHAKES_MAX 64   /* a server's accept queue is not what is measured */
#define WARMUP_NS 300000000ll
#define GIVE_UP_NS 60000000000ll

enum state { UPGRADING, PREPARING, LIVE };

struct client {
    int fd;
    enum state state;
    uint8_t head[14]; /* header of the frame being read */
    unsigned head_have;
    uint64_t payload_left;
    int opcode;
    uint8_t carry[CARRY_MAX]; /* end of what was read: a mark may be cut in two */
    unsigned carry_have;
    const uint8_t *prologue; /* its frames in the plan */
    uint32_t prologue_frames;
    uint32_t sent;
};

static struct client *clients;
static uint32_t client_count, publisher_count, listener_count, live_count;
static int epoll_fd;
static uint8_t buffer[CARRY_MAX + READ_BYTES];

/* from the plan */
static const uint8_t *request, *ready_text, *template_bytes;
static uint32_t request_bytes, ready_bytes, template_length, template_opcode;
static int32_t mark_at, seq_at, base_at;
static uint32_t base_first;

/* the run */
static uint32_t receipts[RING];
static int64_t due_ns[RING];
static uint64_t sent_count, delivered_count, receipt_count, frame_count;
static int is_paced, is_measuring;
static uint32_t *latencies_us;
static size_t latency_count, latency_max;

/* -- sending ------------------------------------------------------------------------------------------- */

static void put_u32(uint8_t *at, uint32_t value) {
    at[0] = value >> 24, at[1] = value >> 16, at[2] = value >> 8, at[3] = value;
}

static void publish(void) {
    static uint8_t message[65536];
    char digits[9];
    uint32_t id = sent_count++;
    if (id - delivered_count >= RING) die("the server is too far behind");
    memcpy(message, template_bytes, template_length);
    snprintf(digits, sizeof digits, "%08x", id);
    memcpy(message + mark_at + MAGIC_BYTES, digits, 8);
    if (seq_at >= 0) put_u32(message + seq_at, id / publisher_count + 1);
    if (base_at >= 0) put_u32(message + base_at, base_first + delivered_count);
    receipts[id % RING] = 0;
    send_frame(clients[id % publisher_count].fd, template_opcode, message, template_length);
}

/* -- receiving ----------------------------------------------------------------------------------------- */

static void receive_mark(const uint8_t *digits, int64_t received_ns) {
    uint32_t id = 0;
    for (int i = 0; i < 8; i++) {
        uint8_t d = digits[i];
        id = id << 4 | (d <= '9' ? d - '0' : d - 'a' + 10);
    }
    if (id >= sent_count || sent_count - id > RING) die("message %u was never sent", id);
    receipt_count++;
    if (is_paced && is_measuring && latency_count < latency_max)
        latencies_us[latency_count++] = (received_ns - due_ns[id % RING]) / 1000;
    if (++receipts[id % RING] == listener_count) delivered_count++;
}

static void become_live(struct client *c) {
    c->state = LIVE;
    live_count++;
}

/* A stretch of payload. The bytes before it in the buffer were read and may be overwritten. */
static void receive_payload(struct client *c, uint8_t *start, const uint8_t *end, int64_t received_ns) {
    if (c->opcode == PING) send_frame(c->fd, PONG, start, end - start);
    if (c->opcode == CLOSE)
        die("the server closed a socket, code %d", end - start >= 2 ? start[0] << 8 | start[1] : 0);
    if (c->opcode > BINARY) return;
    start -= c->carry_have;
    memcpy(start, c->carry, c->carry_have);
    unsigned keep;
    if (c->state == PREPARING) {
        if (memmem(start, end - start, ready_text, ready_bytes)) become_live(c);
        keep = ready_bytes - 1;
    } else {
        const uint8_t *at = start;
        while ((at = memchr(at, MAGIC[0], end - at))) {
            if (end - at < MARK_BYTES) break;
            if (memcmp(at, MAGIC, MAGIC_BYTES) == 0) {
                if (c - clients >= publisher_count) receive_mark(at + MAGIC_BYTES, received_ns);
                at += MARK_BYTES;
            } else {
                at++;
            }
        }
        keep = at ? end - at : 0; /* a mark that is not complete */
    }
    c->carry_have = keep < end - start ? keep : end - start;
    memcpy(c->carry, end - c->carry_have, c->carry_have);
}

static void receive_frames(struct client *c, uint8_t *at, uint8_t *end, int64_t received_ns) {
    while (at < end) {
        if (c->payload_left == 0) {
            c->head[c->head_have++] = *at++;
            if (c->head_have < 2) continue;
            unsigned short_length = c->head[1] & 0x7f;
            unsigned need = short_length == 126 ? 4 : short_length == 127 ? 10 : 2;
            if (c->head_have < need) continue;
            uint64_t length = short_length;
            if (need > 2) {
                length = 0;
                for (unsigned i = 2; i < need; i++) length = length << 8 | c->head[i];
            }
            c->head_have = 0;
            c->opcode = c->head[0] & 0xf;
            c->payload_left = length;
            frame_count++;
            if (length == 0) receive_payload(c, at, at, received_ns);
        } else {
            uint64_t n = (uint64_t)(end - at) < c->payload_left ? (uint64_t)(end - at) : c->payload_left;
            c->payload_left -= n;
            receive_payload(c, at, at + n, received_ns);
            at += n;
        }
    }
}

static void receive_upgrade(struct client *c, uint8_t *start, uint8_t *end) {
    uint8_t *head_end = memmem(start, end - start, "\r\n\r\n", 4);
    if (!head_end || end - start < 12 || memcmp(start + 9, "101", 3))
        die("the upgrade was refused: %.*s", (int)(end - start), (const char *)start);
    const uint8_t *prologue = c->prologue;
    for (uint32_t i = 0; i < c->prologue_frames; i++) {
        uint32_t length;
        memcpy(&length, prologue, 4);
        send_frame(c->fd, template_opcode, prologue + 4, length);
        prologue += 4 + length;
    }
    c->state = PREPARING;
    if (ready_bytes == 0) become_live(c);
    receive_frames(c, head_end + 4, end, 0);
}

static void receive(struct client *c) {
    uint8_t *start = buffer + CARRY_MAX;
    ssize_t n = recv(c->fd, start, READ_BYTES, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) die("the server ended a connection");
    if (c->state == UPGRADING) receive_upgrade(c, start, start + n);
    else receive_frames(c, start, start + n, is_paced ? now_ns() : 0);
}

/* -- the plan and the connections ---------------------------------------------------------------------- */

static const uint8_t *plan_at;

static uint32_t plan_u32(void) {
    uint32_t value;
    memcpy(&value, plan_at, 4);
    plan_at += 4;
    return value;
}

static const uint8_t *plan_blob(uint32_t *length) {
    *length = plan_u32();
    const uint8_t *blob = plan_at;
    plan_at += *length;
    return blob;
}

static void read_plan(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die("cannot open %s", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    uint8_t *plan = malloc(size);
    if (!plan || fread(plan, 1, size, file) != (size_t)size) die("cannot read %s", path);
    fclose(file);
    plan_at = plan;
    request = plan_blob(&request_bytes);
    ready_text = plan_blob(&ready_bytes);
    template_opcode = plan_u32();
    template_bytes = plan_blob(&template_length);
    mark_at = plan_u32();
    seq_at = plan_u32();
    base_at = plan_u32();
    base_first = plan_u32();
    publisher_count = plan_u32();
    client_count = plan_u32();
    if (ready_bytes > CARRY_MAX) die("the ready text is too long");
    listener_count = client_count - publisher_count;
    clients = calloc(client_count, sizeof *clients);
    for (uint32_t i = 0; i < client_count; i++) {
        clients[i].prologue_frames = plan_u32();
        clients[i].prologue = plan_at;
        for (uint32_t f = 0; f < clients[i].prologue_frames; f++) {
            uint32_t length;
            plan_blob(&length);
        }
    }
}

static void open_client(struct client *c, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("cannot connect: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
    send_all(c->fd, request, request_bytes);
}

/* Waits up to timeout_ms and handles what came. True if the descriptor `other` was among it. */
static int turn(int timeout_ms) {
    struct epoll_event events[256];
    int other = 0;
    int n = epoll_wait(epoll_fd, events, 256, timeout_ms);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr) receive(events[i].data.ptr);
        else other = 1;
    }
    return other;
}

static void open_all(const char *ports) {
    const char *comma = strchr(ports, ',');
    int first = atoi(ports), last = comma ? atoi(comma + 1) : first;
    int64_t give_up = now_ns() + GIVE_UP_NS;
    uint32_t opened = 0;
    while (live_count < client_count) {
        while (opened < client_count && opened - live_count < HANDSHAKES_MAX) {
            open_client(&clients[opened], opened < publisher_count ? first : last);
            opened++;
        }
        turn(100);
        if (now_ns() > give_up) die("only %u of %u clients got ready", live_count, client_count);
    }
}

/* -- the three modes ----------------------------------------------------------------------------------- */

static int64_t started_ns, started_cpu_ns;
static uint64_t started_receipts, started_frames;

static void start_measuring(void) {
    puts("measuring");
    fflush(stdout);
    is_measuring = 1;
    started_ns = now_ns();
    started_cpu_ns = cpu_ns();
    started_receipts = receipt_count;
    started_frames = frame_count;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile_ms(double share) {
    if (latency_count == 0) return 0;
    return latencies_us[(size_t)(share * (latency_count - 1))] / 1000.0;
}

static void report(int64_t ended_ns, int64_t ended_cpu_ns) {
    double seconds = (ended_ns - started_ns) / 1e9;
    qsort(latencies_us, latency_count, sizeof *latencies_us, by_value);
    printf("{\"deliveries_per_s\": %.0f, \"frames_per_s\": %.0f, \"cpu\": %.3f, \"p50_ms\": %.3f, "
           "\"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
           (receipt_count - started_receipts) / seconds, (frame_count - started_frames) / seconds,
           (ended_cpu_ns - started_cpu_ns) / 1e9 / seconds, percentile_ms(0.5), percentile_ms(0.99),
           percentile_ms(1));
}

static void run(uint32_t in_flight, double seconds) {
    int64_t begin = now_ns(), end = begin + WARMUP_NS + (int64_t)(seconds * 1e9);
    for (;;) {
        while (sent_count - delivered_count < in_flight) publish();
        turn(100);
        int64_t now = now_ns();
        if (!is_measuring && now >= begin + WARMUP_NS) start_measuring();
        if (now >= end) break;
    }
    report(now_ns(), cpu_ns());
}

static void pace(double messages_s, double seconds) {
    int64_t step = 1e9 / messages_s, begin = now_ns() + step;
    int64_t end = begin + WARMUP_NS + (int64_t)(seconds * 1e9), grace = end + 5000000000ll;
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec spec = {
        .it_value = {begin / 1000000000ll, begin % 1000000000ll},
        .it_interval = {step / 1000000000ll, step % 1000000000ll},
    };
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    is_paced = 1;
    latency_max = (size_t)(messages_s * (seconds + 6) * listener_count) + 1;
    latencies_us = malloc(latency_max * sizeof *latencies_us);
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer, &event);
    for (;;) {
        int64_t now = now_ns();
        if (now >= end && (delivered_count == sent_count || now >= grace)) break;
        if (turn(100)) {
            uint64_t expired;
            if (read(timer, &expired, sizeof expired) != sizeof expired) continue;
        }
        now = now_ns();
        if (!is_measuring && now >= begin + WARMUP_NS && delivered_count == sent_count) start_measuring();
        /* Those that are due, counted from when they were due: waiting to be sent is latency too. */
        for (int64_t due; (due = begin + (int64_t)sent_count * step) <= now && due < end;) {
            due_ns[sent_count % RING] = due;
            publish();
        }
    }
    if (delivered_count != sent_count) die("the server did not keep pace");
    report(now_ns(), cpu_ns());
}

static void hold(void) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    puts("ready");
    fflush(stdout);
    while (!turn(1000)) {}
}

int main(int count, char **words) {
    if (count < 4) die("usage: load PORT PLAN run|pace|hold ...");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll_fd = epoll_create1(0);
    read_plan(words[2]);
    open_all(words[1]);
    if (!strcmp(words[3], "run") && count == 6) run(atoi(words[4]), atof(words[5]));
    else if (!strcmp(words[3], "pace") && count == 6) pace(atof(words[4]), atof(words[5]));
    else if (!strcmp(words[3], "hold")) hold();
    else die("unknown mode %s", words[3]);
    return 0;
}
