/* Lets a program whose malloc is jemalloc run under libfaketime.
 *
 * jemalloc asks for the time when it is first used, libfaketime allocates when it is first asked for the time, and
 * both wait for each other. Loaded with both, this has jemalloc start first, by the system's own clock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int has_started;

int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*next)(clockid_t, struct timespec *);
    if (!has_started) {
        return (int)syscall(SYS_clock_gettime, id, now);
    }
    if (!next) {
        next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    }
    return next(id, now);
}

int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes) {
    static int (*next)(pthread_cond_t *, const pthread_condattr_t *);
    if (!has_started) {
        /* PTHREAD_COND_INITIALIZER; jemalloc wants no attributes. */
        memset(cond, 0, sizeof *cond);
        return 0;
    }
    if (!next) {
        next = (int (*)(pthread_cond_t *, const pthread_condattr_t *))dlsym(RTLD_NEXT, "pthread_cond_init");
    }
    return next(cond, attributes);
}

/* Before all other libraries: it is linked with `-z initfirst`. */
__attribute__((constructor)) static void start(void) {
    free(malloc(1));
    has_started = 1;
}
