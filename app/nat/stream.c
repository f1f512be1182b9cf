/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/nat/stream.h"

#include "app/nat/turn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

struct AppNatStream {
  AppNatStreamListener listener;
  GMainContext *context;         /* (referenced) */
  GCancellable *cancellable;     /* (owned) */
  GSocketConnection *connection; /* (owned) NULL until it stands */
  GSource *reader, *writer;      /* (owned) */
  GSource *timer;                /* (owned) until it is open */
  AppTls *tls;                   /* (owned) or NULL */
  gboolean is_open;
  GByteArray *in, *out; /* (owned) */
};

static GSocketAddress *
socket_address (const RtmfpAddress *address) {
  g_autoptr (GInetAddress) ip = g_inet_address_new_from_bytes (
      address->ip,
      address->family == RTMFP_ADDRESS_IPV4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
  return g_inet_socket_address_new (ip, address->port);
}

static void
drop (GSource **source) {
  if (*source != NULL) {
    g_source_destroy (*source);
    g_source_unref (*source);
    *source = NULL;
  }
}

/* ---- Out ---- */

static gboolean on_writable (GSocket *socket, GIOCondition condition, gpointer data);

static void
flush (AppNatStream *stream) {
  GSocket *socket = g_socket_connection_get_socket (stream->connection);
  while (stream->out->len > 0) {
    const gssize sent =
        g_socket_send (socket, (const char *)stream->out->data, stream->out->len, NULL, NULL);
    if (sent <= 0) {
      break; /* full, or broken: the reader hears of that */
    }
    g_byte_array_remove_range (stream->out, 0, (guint)sent);
  }
  if (stream->out->len > 0 && stream->writer == NULL) {
    stream->writer = g_socket_create_source (socket, G_IO_OUT, NULL);
    g_source_set_callback (stream->writer, G_SOURCE_FUNC (on_writable), stream, NULL);
    g_source_attach (stream->writer, stream->context);
  } else if (stream->out->len == 0) {
    drop (&stream->writer);
  }
}

static gboolean
on_writable (GSocket *socket, GIOCondition condition, gpointer data) {
  (void)socket;
  (void)condition;
  flush (data);
  return G_SOURCE_CONTINUE;
}

static void
flush_tls (AppNatStream *stream) {
  uint8_t bytes[4096];
  size_t size;
  while ((size = app_tls_poll_transmit (stream->tls, bytes, sizeof bytes)) > 0) {
    g_byte_array_append (stream->out, bytes, (guint)size);
  }
  flush (stream);
}

void
app_nat_stream_send (AppNatStream *stream, const uint8_t *bytes, size_t size) {
  if (!stream->is_open || stream->out->len + size > APP_NAT_STREAM_BYTES_MAX) {
    return;
  }
  if (stream->tls != NULL) {
    app_tls_write (stream->tls, bytes, size);
    flush_tls (stream);
    return;
  }
  g_byte_array_append (stream->out, bytes, (guint)size);
  flush (stream);
}

/* ---- In ---- */

/* Returns: FALSE when what came is no TURN. */
static gboolean
take_frames (AppNatStream *stream) {
  guint at = 0;
  while (at < stream->in->len) {
    const guint left = stream->in->len - at;
    const size_t size = app_turn_frame_size (stream->in->data + at, left);
    if (size == SIZE_MAX) {
      return FALSE;
    }
    if (size == 0 || size > left) {
      break;
    }
    stream->listener.frame (stream->listener.user, stream->in->data + at, size);
    at += (guint)size;
  }
  g_byte_array_remove_range (stream->in, 0, at);
  return TRUE;
}

static void
become_open (AppNatStream *stream) {
  drop (&stream->timer);
  stream->is_open = TRUE;
  stream->listener.opened (stream->listener.user);
}

static void
take_tls (AppNatStream *stream, const guint8 *bytes, gsize size) {
  guint8 plain[4096];
  size_t got;
  app_tls_receive (stream->tls, bytes, size);
  flush_tls (stream);
  if (!stream->is_open && app_tls_state (stream->tls) == APP_TLS_OPEN) {
    become_open (stream);
  }
  while ((got = app_tls_read (stream->tls, plain, sizeof plain)) > 0) {
    g_byte_array_append (stream->in, plain, (guint)got);
  }
  flush_tls (stream); /* it may have answered a renewal of keys */
}

/* Why it is over; NULL = it is not. error: of what was got. */
static const char *
take_bytes (AppNatStream *stream, const guint8 *bytes, gssize got, const GError *error) {
  if (got <= 0) {
    return got == 0 ? "it closed the connection" : error->message;
  }
  if (stream->tls != NULL) {
    take_tls (stream, bytes, (gsize)got);
  } else {
    g_byte_array_append (stream->in, bytes, (guint)got);
  }
  if (!take_frames (stream)) {
    return "it does not speak TURN over TCP";
  }
  if (stream->tls != NULL && app_tls_state (stream->tls) == APP_TLS_FAILED) {
    return app_tls_why (stream->tls);
  }
  return stream->tls != NULL && app_tls_state (stream->tls) == APP_TLS_CLOSED
             ? "it closed the connection"
             : NULL;
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer data) {
  (void)condition;
  AppNatStream *stream = data;
  guint8 bytes[APP_NAT_READ_BYTES_MAX];
  g_autoptr (GError) error = NULL;
  const gssize got = g_socket_receive (socket, (char *)bytes, sizeof bytes, NULL, &error);
  if (got < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    return G_SOURCE_CONTINUE;
  }
  const char *why = take_bytes (stream, bytes, got, error);
  if (why == NULL) {
    return G_SOURCE_CONTINUE;
  }
  g_autofree char *text = g_strdup (why); /* the stream may go with the listener's call */
  stream->listener.closed (stream->listener.user, text);
  return G_SOURCE_REMOVE;
}

static gboolean
on_late (gpointer data) {
  AppNatStream *stream = data;
  stream->listener.closed (stream->listener.user, "it does not answer");
  return G_SOURCE_REMOVE;
}

static void
on_connected (GObject *object, GAsyncResult *result, gpointer data) {
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (object), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    return; /* the stream is freed */
  }
  AppNatStream *stream = data;
  if (connection == NULL) {
    stream->listener.closed (stream->listener.user, error->message);
    return;
  }
  if (g_cancellable_is_cancelled (stream->cancellable)) {
    g_object_unref (connection);
    return;
  }
  stream->connection = connection;
  GSocket *socket = g_socket_connection_get_socket (connection);
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_timeout (socket, 0); /* that was for the connection; silence is no fault */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  stream->reader = g_socket_create_source (socket, G_IO_IN | G_IO_HUP | G_IO_ERR, NULL);
  g_source_set_callback (stream->reader, G_SOURCE_FUNC (on_readable), stream, NULL);
  g_source_attach (stream->reader, stream->context);
  if (stream->tls != NULL) {
    flush_tls (stream);
  } else {
    become_open (stream);
  }
}

AppNatStream *
app_nat_stream_new (const RtmfpAddress *server, const AppTlsPeer *tls,
                    const AppNatStreamListener *listener, GMainContext *context) {
  AppNatStream *stream = g_new0 (AppNatStream, 1);
  stream->listener = *listener;
  stream->context = g_main_context_ref (context);
  stream->cancellable = g_cancellable_new ();
  stream->in = g_byte_array_new ();
  stream->out = g_byte_array_new ();
  stream->tls = tls != NULL ? app_tls_new (tls) : NULL;
  stream->timer = g_timeout_source_new (APP_NAT_CONNECT_US / 1000);
  g_source_set_callback (stream->timer, on_late, stream, NULL);
  g_source_attach (stream->timer, context);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = socket_address (server);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, APP_NAT_CONNECT_US / G_USEC_PER_SEC);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), stream->cancellable,
                                 on_connected, stream);
  return stream;
}

void
app_nat_stream_free (AppNatStream *stream) {
  if (stream == NULL) {
    return;
  }
  g_cancellable_cancel (stream->cancellable);
  drop (&stream->timer);
  if (stream->connection != NULL) {
    if (stream->tls != NULL) {
      app_tls_end (stream->tls);
      flush_tls (stream);
    }
    flush (stream);
    drop (&stream->reader);
    drop (&stream->writer);
    g_io_stream_close (G_IO_STREAM (stream->connection), NULL, NULL);
    g_object_unref (stream->connection);
  }
  app_tls_free (stream->tls);
  g_byte_array_unref (stream->in);
  g_byte_array_unref (stream->out);
  g_object_unref (stream->cancellable);
  g_main_context_unref (stream->context);
  g_free (stream);
}
