/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/io/interfaces.h"

#include <glib-unix.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
address_of (const struct ifaddrs *at, uint16_t port, RtmfpAddress *out) {
  if (at->ifa_addr == NULL || (at->ifa_flags & IFF_UP) == 0) {
    return false;
  }
  if (at->ifa_addr->sa_family == AF_INET) {
    const struct sockaddr_in *in = (const struct sockaddr_in *)at->ifa_addr;
    const uint8_t *ip = (const uint8_t *)&in->sin_addr;
    *out = rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], port);
    return !(ip[0] == 169 && ip[1] == 254);
  }
  if (at->ifa_addr->sa_family == AF_INET6) {
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)at->ifa_addr;
    *out = rtmfp_address_ipv6 (in6->sin6_addr.s6_addr, port);
    return !IN6_IS_ADDR_LINKLOCAL (&in6->sin6_addr);
  }
  return false;
}

static size_t
list_kind (const struct ifaddrs *all, bool loopback, uint16_t port, RtmfpAddress *out,
           size_t capacity) {
  size_t count = 0;
  for (const struct ifaddrs *at = all; at != NULL && count < capacity; at = at->ifa_next) {
    RtmfpAddress address;
    if (((at->ifa_flags & IFF_LOOPBACK) != 0) == loopback && address_of (at, port, &address)) {
      address.origin = RTMFP_ORIGIN_LOCAL;
      out[count++] = address;
    }
  }
  return count;
}

size_t
app_interfaces_list (uint16_t port, RtmfpAddress *out, size_t capacity) {
  struct ifaddrs *all = NULL;
  if (getifaddrs (&all) != 0) {
    return 0;
  }
  size_t count = list_kind (all, false, port, out, capacity);
  if (count == 0) {
    count = list_kind (all, true, port, out, capacity);
  }
  freeifaddrs (all);
  return count;
}

struct AppInterfaces {
  int fd;
  GSource *source; /* (owned) */
  void (*changed) (void *user);
  void *user;
};

static gboolean
on_netlink (gint fd, GIOCondition condition, gpointer data) {
  (void)condition;
  AppInterfaces *self = data;
  uint8_t bytes[8192];
  bool any = false;
  while (recv (fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    any = true;
  }
  if (any) {
    self->changed (self->user);
  }
  return G_SOURCE_CONTINUE;
}

AppInterfaces *
app_interfaces_watch (GMainContext *context, void (*changed) (void *user), void *user) {
  AppInterfaces *self = g_new0 (AppInterfaces, 1);
  *self = (AppInterfaces){.changed = changed, .user = user};
  self->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                                             RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
  if (self->fd < 0 || bind (self->fd, (struct sockaddr *)&address, sizeof address) != 0) {
    /* A sandbox may forbid netlink: then keepalives notice a change, later. */
    return self;
  }
  self->source = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_netlink), self, NULL);
  g_source_attach (self->source, context);
  return self;
}

void
app_interfaces_free (AppInterfaces *interfaces) {
  if (interfaces == NULL) {
    return;
  }
  if (interfaces->source != NULL) {
    g_source_destroy (interfaces->source);
    g_source_unref (interfaces->source);
  }
  if (interfaces->fd >= 0) {
    close (interfaces->fd);
  }
  g_free (interfaces);
}
