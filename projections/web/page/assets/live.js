"use strict";
// The connection to /live: one for all tabs of this browser where it runs as a shared worker, since
// browsers allow six connections to a host; one for the tab where it does not. It is open as long as
// a tab is shown.
class Live {
  constructor(tell) {
    this.tell = tell;
    this.source = null;
    this.last = null; // the last note, null when the connection is lost
    this.lost = false;
    this.wanted = false;
  }

  open() {
    this.wanted = true;
    if (this.source) return;
    const again = 2000; // milliseconds before a server that refused is asked again
    const source = (this.source = new EventSource("/live"));
    source.onmessage = (message) => {
      this.lost = false;
      this.tell((this.last = JSON.parse(message.data)));
    };
    source.onerror = () => {
      this.last = null;
      this.lost = true;
      this.tell(null);
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return; // the browser tries again itself
      this.source = null;
      setTimeout(() => this.wanted && this.open(), again);
    };
  }

  close() {
    this.wanted = false;
    this.source?.close();
    this.source = this.last = null;
    this.lost = false;
  }
}

if (typeof SharedWorkerGlobalScope !== "undefined") {
  const shown = new Set(); // the ports of tabs that are looked at
  const live = new Live((note) => shown.forEach((port) => port.postMessage(note)));
  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data: on }) => {
      if (on) {
        shown.add(port);
        live.open();
        if (live.last || live.lost) port.postMessage(live.last);
      } else {
        shown.delete(port);
        if (!shown.size) live.close();
      }
    };
  };
}
