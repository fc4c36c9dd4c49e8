/* LD_PRELOAD shim: remembers how long each file was when an fsync of it had completed.
 *
 * Killing a server leaves what it had written in the kernel's memory, so nothing is lost; a power cut
 * loses everything behind the last completed fsync. With what this writes to $POWERCUT_LOG (one line a
 * sync: length, path), chaos/powercut.py cuts the file back to that length after a kill -9.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void remember(int fd, long long length) {
    char link[64], path[4096], line[4200];
    const char *log = getenv("POWERCUT_LOG");
    ssize_t size;
    int out;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (!log || (size = readlink(link, path, sizeof path - 1)) < 0) return;
    path[size] = 0;
    out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0) return;
    snprintf(line, sizeof line, "%lld %s\n", length, path);
    if (write(out, line, strlen(line)) < 0) { /* the next sync says it again */ }
    close(out);
}

static int synced(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    struct stat before;
    int known = fstat(fd, &before) == 0; /* what is written during the sync is not promised */
    int result = real(fd);
    if (result == 0 && known) remember(fd, (long long)before.st_size);
    return result;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }
