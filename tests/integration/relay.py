"""relay.py COORDINATOR-SOCKET OWN-SOCKET - passes bytes between workers and a coordinator, both on Unix sockets.

Stopped by a signal, it is a network that swallows everything and says nothing: a worker computes on, and its heartbeats
do not arrive."""
import selectors
import socket
import sys


def pass_on(selector, source, target):
    data = source.recv(1 << 16)
    if data:
        target.sendall(data)
        return
    for end in (source, target):
        selector.unregister(end)
        end.close()


def main():
    coordinator, own = sys.argv[1:]
    selector = selectors.DefaultSelector()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(own)
    listener.listen()
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                near = listener.accept()[0]
                far = socket.socket(socket.AF_UNIX)
                far.connect(coordinator)
                selector.register(near, selectors.EVENT_READ, far)
                selector.register(far, selectors.EVENT_READ, near)
            elif key.fileobj.fileno() >= 0:
                pass_on(selector, key.fileobj, key.data)


main()
