/* Only in programs that have glibc inside (`crt-static`). What /etc/nsswitch.conf names besides files and DNS are modules
 * that glibc loads at run time, together with a second glibc: the system's. Unless both are of one version, the program
 * crashes at its first look-up. */
#include <nss.h>

__attribute__((constructor)) static void use_only_what_is_inside(void) {
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("passwd", "files");
    __nss_configure_lookup("group", "files");
}
