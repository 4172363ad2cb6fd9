/* MessagePack, as much of it as the wire uses: written into a buffer, read in place.
 *
 * A reader never copies: a string is a stretch of what was received. Whoever reads something that is not there
 * dies with a sentence; the server is ours, and a benchmark against a broken one says nothing.
 */
#ifndef TUTTI_MSGPACK_H
#define TUTTI_MSGPACK_H

#include <stdint.h>
#include <string.h>

#include "websocket.h"

/* -- writing ------------------------------------------------------------------------------------------- */

struct writer {
    uint8_t *at, *end;
};

static inline void put_raw(struct writer *w, const void *bytes, size_t length) {
    if ((size_t)(w->end - w->at) < length) die("a message is larger than its buffer");
    memcpy(w->at, bytes, length);
    w->at += length;
}

static inline void put_number(struct writer *w, uint8_t tag, uint64_t value, unsigned bytes) {
    uint8_t out[9] = {tag};
    for (unsigned i = 0; i < bytes; i++) out[1 + i] = value >> 8 * (bytes - 1 - i);
    put_raw(w, out, 1 + bytes);
}

static inline void put_uint(struct writer *w, uint32_t value) {
    if (value < 128) put_number(w, value, 0, 0);
    else if (value < 1 << 16) put_number(w, 0xcd, value, 2);
    else put_number(w, 0xce, value, 4);
}

/* At most 15 of them: no message of ours has more. */
static inline void put_array(struct writer *w, unsigned count) { put_number(w, 0x90 | count, 0, 0); }
static inline void put_map(struct writer *w, unsigned count) { put_number(w, 0x80 | count, 0, 0); }

static inline void put_text(struct writer *w, const char *text, size_t length) {
    if (length < 32) put_number(w, 0xa0 | length, 0, 0);
    else put_number(w, 0xd9, length, 1);
    put_raw(w, text, length);
}

static inline void put_key(struct writer *w, const char *key) { put_text(w, key, strlen(key)); }

/* -- reading ------------------------------------------------------------------------------------------- */

struct reader {
    const uint8_t *at, *end;
};

struct text {
    const char *bytes;
    uint32_t length;
};

static inline const uint8_t *take(struct reader *r, size_t length) {
    const uint8_t *start = r->at;
    if ((size_t)(r->end - start) < length) die("a message ends too early");
    r->at += length;
    return start;
}

static inline uint64_t take_number(struct reader *r, unsigned bytes) {
    const uint8_t *digits = take(r, bytes);
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++) value = value << 8 | digits[i];
    return value;
}

static inline uint64_t read_uint(struct reader *r) {
    uint8_t tag = *take(r, 1);
    if (tag < 0x80) return tag;
    if (tag < 0xcc || tag > 0xcf) die("a number was expected, not %02x", tag);
    return take_number(r, 1u << (tag - 0xcc));
}

static inline uint32_t read_array(struct reader *r) {
    uint8_t tag = *take(r, 1);
    if (tag >> 4 == 9) return tag & 0xf;
    if (tag != 0xdc && tag != 0xdd) die("a list was expected, not %02x", tag);
    return take_number(r, tag == 0xdc ? 2 : 4);
}

static inline uint32_t read_map(struct reader *r) {
    uint8_t tag = *take(r, 1);
    if (tag >> 4 == 8) return tag & 0xf;
    if (tag != 0xde && tag != 0xdf) die("a map was expected, not %02x", tag);
    return take_number(r, tag == 0xde ? 2 : 4);
}

/* A string or bytes. */
static inline struct text read_text(struct reader *r) {
    uint8_t tag = *take(r, 1);
    uint32_t length;
    if (tag >> 5 == 5) length = tag & 0x1f;
    else if (tag == 0xd9 || tag == 0xc4) length = take_number(r, 1);
    else if (tag == 0xda || tag == 0xc5) length = take_number(r, 2);
    else if (tag == 0xdb || tag == 0xc6) length = take_number(r, 4);
    else die("a string was expected, not %02x", tag);
    return (struct text){(const char *)take(r, length), length};
}

static inline int read_bool(struct reader *r) { return *take(r, 1) == 0xc3; }

static inline int is_text(struct text text, const char *other) {
    return text.length == strlen(other) && memcmp(text.bytes, other, text.length) == 0;
}

/* One value, whatever it is. */
static inline void skip(struct reader *r) {
    for (uint64_t left = 1; left; left--) {
        uint8_t tag = *take(r, 1);
        if (tag < 0x80 || tag >= 0xe0 || (tag >= 0xc0 && tag <= 0xc3)) continue; /* numbers, null, booleans */
        if (tag >> 5 == 5) take(r, tag & 0x1f);
        else if (tag >> 4 == 8) left += 2 * (tag & 0xf);
        else if (tag >> 4 == 9) left += tag & 0xf;
        else if (tag >= 0xcc && tag <= 0xd3) take(r, 1u << ((tag - 0xcc) % 4));
        else if (tag == 0xdc || tag == 0xdd) left += take_number(r, tag == 0xdc ? 2 : 4);
        else if (tag == 0xde || tag == 0xdf) left += 2 * take_number(r, tag == 0xde ? 2 : 4);
        else r->at--, read_text(r);
    }
}

#endif
