/* Who the clients of a generator are, as benchmarks/writing.py writes them. */
#ifndef TUTTI_PEOPLE_H
#define TUTTI_PEOPLE_H

#include <stdio.h>

#include "msgpack.h"

#define PATH "/v1/socket"
#define SUBPROTOCOL "tutti.v1.msgpack"

/* What one says: `hello` and `open` are whole frames; `entry`: the members of its entries, but for the uid. */
struct person {
    struct text id, room, hello, open, entry;
    uint32_t entry_members;
};

static inline uint32_t plan_u32(const char **at) {
    uint32_t value;
    memcpy(&value, *at, 4);
    *at += 4;
    return value;
}

static inline struct text plan_text(const char **at) {
    uint32_t length = plan_u32(at);
    struct text text = {*at, length};
    *at += length;
    return text;
}

static inline struct person plan_person(const char **at) {
    struct person one;
    one.id = plan_text(at);
    one.room = plan_text(at);
    one.hello = plan_text(at);
    one.open = plan_text(at);
    one.entry_members = plan_u32(at);
    one.entry = plan_text(at);
    return one;
}

/* The whole plan; it is never freed. */
static inline const char *plan_open(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die("cannot open %s", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *plan = malloc(size);
    if (!plan || fread(plan, 1, size, file) != (size_t)size) die("cannot read %s", path);
    fclose(file);
    return plan;
}

#endif
