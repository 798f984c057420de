"use strict";
// Checks in this browser that an event stands in the ledger (C2SP tlog-proof over the tree of
// RFC 6962): the entry is made again from the event's own bytes, hashed up to the root, and the
// root must be the one that the stream's key signed. The key is remembered here from the first
// time; another one later is an alarm.
(() => {
  const bytesOf = (text) => new TextEncoder().encode(text);
  const decode = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const encode = (bytes) => btoa(String.fromCharCode(...bytes));
  const join = (...parts) => {
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const p of parts) {
      all.set(p, at);
      at += p.length;
    }
    return all;
  };
  const number = (n, size) => {
    const b = new Uint8Array(size);
    for (let i = size - 1; i >= 0; i--, n = Math.floor(n / 256)) b[i] = n % 256;
    return b;
  };
  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
  const same = (a, b) => a.length === b.length && a.every((v, i) => v === b[i]);

  // parse reads a proof: its head, the hashes, and the signed checkpoint.
  function parse(text) {
    const cut = text.indexOf("\n\n");
    const lines = text.slice(0, cut).split("\n");
    if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Error(say("这不是一份证明", "This is no proof"));
    const extra = lines[0].startsWith("extra ") ? decode(lines.shift().slice(6)) : new Uint8Array();
    const index = Number(lines.shift().slice("index ".length));
    return { extra, index, hashes: lines.map(decode), checkpoint: text.slice(cut + 2) };
  }

  // entry writes what the leaf is the hash of: stream, sequence, subject and body (docs/format.md).
  function entry(stream, index, body) {
    const event = JSON.parse(new TextDecoder().decode(body));
    const subject = bytesOf("anju." + event.home + "." + event.subject.replace("/", "."));
    const name = bytesOf(stream);
    return join(number(name.length, 2), name, number(index + 1, 8), number(subject.length, 2), subject, number(body.length, 4), body);
  }

  // root climbs from the leaf to the root of a tree of a size (RFC 9162, 2.1.3.2).
  async function root(index, size, leaf, hashes) {
    let fn = index;
    let sn = size - 1;
    let r = leaf;
    for (const p of hashes) {
      if (sn === 0) return null;
      if (fn % 2 === 1 || fn === sn) {
        r = await sha256([1], p, r);
        while (fn % 2 === 0 && fn !== 0) {
          fn = Math.floor(fn / 2);
          sn = Math.floor(sn / 2);
        }
      } else r = await sha256([1], r, p);
      fn = Math.floor(fn / 2);
      sn = Math.floor(sn / 2);
    }
    return sn === 0 ? r : null;
  }

  // signed checks the checkpoint's signature by a key of a signed note.
  async function signed(checkpoint, key) {
    const parts = key.trim().split("+");
    const raw = decode(parts.slice(2).join("+"));
    const cut = checkpoint.indexOf("\n\n");
    const text = bytesOf(checkpoint.slice(0, cut + 1));
    const line = checkpoint.slice(cut + 2).split("\n").find((l) => l.startsWith("— " + parts[0] + " "));
    if (!line || raw[0] !== 1) return false;
    const mark = decode(line.split(" ")[2]);
    const hint = (await sha256(bytesOf(parts[0] + "\n"), raw)).slice(0, 4);
    if (!same(mark.slice(0, 4), hint)) return false;
    const publicKey = await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "Ed25519" }, publicKey, mark.slice(4), text);
  }

  async function fetched(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(say("服务器没有给出：{}", "The server does not give it: {}", address));
    return answer.text();
  }

  // forget offers to remember another key: only a person knows whether that is lawful.
  function forget(stream, key) {
    const take = () => { localStorage.setItem("anju-key-" + stream, key); document.querySelector("[data-do=prove]").click(); };
    document.getElementById("steps").append(make("li", {}, make("button", { type: "button", "data-do": "trust", on: { click: take } }, say("已核实，改记现在的公钥：{}", "It is in order: remember the key of now, {}", key.trim()))));
  }

  async function prove(section, step) {
    if (!window.crypto?.subtle) {
      step(false, say("浏览器只在本机地址或 HTTPS 下提供密码学功能；请下载证明，用 anju verify proof 核对", "Browsers offer cryptography on localhost or HTTPS only: download the proof and check it by anju verify proof"));
      return;
    }
    const { place, stream, raw } = section.dataset;
    const proof = parse(await fetched("/v1/events/" + place + "/proof"));
    const key = await fetched("/book/" + stream + "/key");
    const head = proof.checkpoint.split("\n");
    const size = Number(head[1]);
    step(same(proof.extra, bytesOf(raw)), say("证明所含的字节就是本页显示的这条记录", "The proof carries the very bytes that this page shows"));
    step(proof.index + 1 === Number(place.split(":")[1]), say("它位于 {}", "It stands at {}", place));
    const leaf = await sha256([0], entry(stream, proof.index, proof.extra));
    const top = await root(proof.index, size, leaf, proof.hashes);
    step(top !== null && encode(top) === head[2], say("经 {} 个哈希重算出的根与检查点一致：{}", "The root computed over {} hashes is the checkpoint's: {}", proof.hashes.length, head[2]));
    step(await signed(proof.checkpoint, key), say("检查点（共 {} 条）的 Ed25519 签名有效", "The Ed25519 signature of the checkpoint over {} events is valid", size));
    const kept = localStorage.getItem("anju-key-" + stream);
    if (kept && kept !== key) {
      step(false, say("公钥与本浏览器先前在这个地址记住的不同：该地址上换了另一账本（如又一次 anju demo），或账本已被恢复、替换。请先向管理员核实", "The key is not the one that this browser remembered for this address: another ledger stands there now, such as another anju demo, or this one was restored or replaced. Ask who runs it first"));
      return forget(stream, key);
    }
    step(true, kept ? say("公钥与本浏览器先前记住的相同", "The key is the one that this browser remembered before") : say("已在本浏览器记住公钥，请另行核对：{}", "The key is now remembered in this browser; compare it by another way too: {}", key.trim()));
    if (!kept) localStorage.setItem("anju-key-" + stream, key);
  }

  addEventListener("DOMContentLoaded", () => {
    const section = document.getElementById("proof");
    const steps = document.getElementById("steps");
    section.querySelector("[data-do=prove]").addEventListener("click", async (e) => {
      e.target.disabled = true;
      steps.textContent = "";
      let sound = true;
      const step = (ok, text) => {
        sound &&= ok;
        const li = document.createElement("li");
        li.className = ok ? "good" : "bad";
        li.textContent = text;
        steps.append(li);
      };
      try {
        await prove(section, step);
      } catch (failure) {
        step(false, failure.message);
      }
      const end = document.createElement("li");
      end.className = "verdict " + (sound ? "good" : "bad");
      end.textContent = sound ? say("已证明：这条记录在账本中，未被改动。", "Proved: this event stands in the ledger, unaltered.") : say("没有证明成立。请告知账本管理员。", "Not proved. Tell who runs the ledger.");
      steps.append(end);
      e.target.disabled = false;
    });
  });
})();
