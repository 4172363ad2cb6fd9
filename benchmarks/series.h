/* Times that were measured, and what stands at which share of them. */
#ifndef TUTTI_SERIES_H
#define TUTTI_SERIES_H

#include <stdint.h>
#include <stdlib.h>

#include "websocket.h"

#define SERIES_MAX 4000000

struct series {
    uint32_t *us;
    size_t count;
};

static inline void add_to(struct series *series, uint32_t us) {
    if (!series->us) series->us = malloc(SERIES_MAX * sizeof *series->us);
    if (series->count == SERIES_MAX) die("more than %d times were measured", SERIES_MAX);
    series->us[series->count++] = us;
}

static inline int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Before the first `percentile_ms`. */
static inline void sort(struct series *series) {
    qsort(series->us, series->count, sizeof *series->us, by_value);
}

static inline double percentile_ms(const struct series *series, double share) {
    return series->count ? series->us[(size_t)(share * (series->count - 1))] / 1000.0 : 0;
}

#endif
