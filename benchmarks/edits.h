/* What a writer edits: an op against a list of which it knows no more than the length.
 *
 * Half of the edits append an entry; the others insert one anywhere, move one, or remove as many as keep the
 * list at its length.
 */
#ifndef TUTTI_EDITS_H
#define TUTTI_EDITS_H

#include <stdio.h>

#include "msgpack.h"

/* Of six edits three append and one inserts: the one that removes takes four, and the list keeps its length. */
#define REMOVED_AT_ONCE 4
#define LENGTH_MIN 8

struct author {
    struct text id, entry; /* `entry`: the members of its entries, but for the uid */
    uint32_t entry_members;
    int64_t length; /* of the list at the version that it knows */
    uint32_t seq;   /* of the submission under way, or of the last one */
};

/* xorshift: the same edits in every run, as far as the server's answers allow. */
static inline uint32_t random_below(uint32_t n) {
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (state >> 32) % n;
}

/* The components of an op, and how many they are. */
struct op {
    struct writer components;
    unsigned count;
};

static inline void add_counted(struct op *op, const char *letter, uint32_t n) {
    if (n == 0) return;
    put_array(&op->components, 2);
    put_key(&op->components, letter);
    put_uint(&op->components, n);
    op->count++;
}

static inline void add_drop(struct op *op) {
    put_array(&op->components, 3);
    put_key(&op->components, "d");
    put_uint(&op->components, 0);
    put_uint(&op->components, 1);
    op->count++;
}

static inline void add_entry(struct op *op, const struct author *by) {
    struct writer *w = &op->components;
    char uid[64];
    int length = snprintf(uid, sizeof uid, "%.*s.%u", (int)by->id.length, by->id.bytes, by->seq);
    put_array(w, 2);
    put_key(w, "i");
    put_array(w, 1);
    put_map(w, 1 + by->entry_members);
    put_key(w, "uid");
    put_text(w, uid, length);
    put_raw(w, by->entry.bytes, by->entry.length);
    op->count++;
}

static inline void add_insert(struct op *op, const struct author *by, uint32_t at) {
    add_counted(op, "k", at);
    add_entry(op, by);
    add_counted(op, "k", by->length - at);
}

static inline void add_move(struct op *op, const struct author *by) {
    uint32_t from = random_below(by->length), to = random_below(by->length - 1);
    if (to >= from) { /* drop it behind `to`, which comes later in the list */
        to++;
        add_counted(op, "k", from);
        add_counted(op, "p", 1);
        add_counted(op, "k", to - from);
        add_drop(op);
        add_counted(op, "k", by->length - to - 1);
    } else {
        add_counted(op, "k", to);
        add_drop(op);
        add_counted(op, "k", from - to);
        add_counted(op, "p", 1);
        add_counted(op, "k", by->length - from - 1);
    }
}

static inline void add_removal(struct op *op, const struct author *by) {
    uint32_t at = random_below(by->length - REMOVED_AT_ONCE + 1);
    add_counted(op, "k", at);
    add_counted(op, "r", REMOVED_AT_ONCE);
    add_counted(op, "k", by->length - at - REMOVED_AT_ONCE);
}

/* The next edit of an author, as the components of an op. */
static inline void add_edit(struct op *op, const struct author *by) {
    uint32_t dice = by->length < LENGTH_MIN ? 0 : random_below(6);
    if (dice < 3) add_insert(op, by, by->length);
    else if (dice == 3) add_insert(op, by, random_below(by->length + 1));
    else if (dice == 4) add_move(op, by);
    else add_removal(op, by);
}

/* By how much an op, of which the components are next, changes the length. */
static inline int64_t read_growth(struct reader *r) {
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

#endif
