#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""notifications.py GALLERY: stands in for the desktop's notification service, and checks what a ringing call
shows there, that its buttons work, and that it is withdrawn once it no longer holds."""
import os
import sys
import threading
import time

from gi.repository import Gio, GLib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "gallery"))
import gallery as driver  # noqa: E402

SERVICE = Gio.DBusNodeInfo.new_for_xml("""<node><interface name='org.freedesktop.Notifications'>
<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>
<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/>
<arg type='a{sv}' direction='in'/><arg type='i' direction='in'/><arg type='u' direction='out'/></method>
<method name='CloseNotification'><arg type='u' direction='in'/></method>
<method name='GetCapabilities'><arg type='as' direction='out'/></method>
<method name='GetServerInformation'><arg type='s' direction='out'/><arg type='s' direction='out'/>
<arg type='s' direction='out'/><arg type='s' direction='out'/></method>
<signal name='ActionInvoked'><arg type='u'/><arg type='s'/></signal>
<signal name='NotificationClosed'><arg type='u'/><arg type='u'/></signal></interface></node>""").interfaces[0]


class Service:
    def __init__(self):
        self.shown, self.closed = {}, []
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.bus.register_object("/org/freedesktop/Notifications", SERVICE, self.on_call, None, None)
        owned = threading.Event()
        Gio.bus_own_name_on_connection(self.bus, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE,
                                       lambda *_: owned.set(), None)
        threading.Thread(target=GLib.MainLoop().run, daemon=True).start()
        assert owned.wait(5), "the name of the service is taken"

    def on_call(self, _bus, _sender, _path, _interface, method, parameters, invocation):
        if method == "Notify":
            _app, replaces, _icon, title, body, actions, hints, _timeout = parameters.unpack()
            number = replaces or len(self.shown) + 1
            self.shown[number] = {"title": title, "body": body, "actions": actions, "hints": hints}
            invocation.return_value(GLib.Variant("(u)", (number,)))
        elif method == "CloseNotification":
            self.closed.append(parameters.unpack()[0])
            invocation.return_value(None)
        elif method == "GetCapabilities":
            invocation.return_value(GLib.Variant("(as)", (["actions", "body", "persistence"],)))
        else:
            invocation.return_value(GLib.Variant("(ssss)", ("test", "test", "1", "1.2")))

    def press(self, number, action):
        self.bus.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications",
                             "ActionInvoked", GLib.Variant("(us)", (number, action)))


def wait(what, happened):
    for _ in range(50):
        answer = happened()
        if answer:
            print("ok", what)
            return answer
        time.sleep(0.1)
    raise SystemExit(what + ": did not happen")


def find(service, title, after=0):
    return next(((number, one) for number, one in service.shown.items()
                 if number > after and one["title"] == title), None)


def main():
    service = Service()
    program = driver.Gallery(sys.argv[1])

    program.open("call-incoming")
    number, ring = wait("a ringing call is told", lambda: find(service, "Ada Lindqvist"))
    assert ring["body"] == "Incoming video call", ring
    assert ring["actions"][2:] == ["app.answer::call-1", "Accept", "app.answer-audio::call-1",
                                   "Accept Without Video", "app.decline::call-1", "Decline"], ring["actions"]
    assert ring["hints"]["urgency"] == 2 and ring["hints"]["category"] == "call.incoming", ring["hints"]
    service.press(number, "app.answer-audio::call-1")
    wait("an answered call is withdrawn", lambda: number in service.closed)

    program.open("call-incoming-voice")
    second, ring = wait("a voice call is told", lambda: find(service, "Ada Lindqvist", number))
    assert [ring["actions"][i] for i in range(3, len(ring["actions"]), 2)] == ["Accept", "Decline"], ring
    service.press(second, "app.decline::call-1")
    wait("a declined call is withdrawn", lambda: second in service.closed)

    status = program.quit()
    for scene, line in program.complaints:
        print(f"{scene}: {line}")
    sys.exit(1 if status != 0 or program.complaints else 0)


if __name__ == "__main__":
    main()
