#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Ericsson AIR for tests: UCIP over XML-RPC, written from public descriptions, with the standard library alone.

It keeps accounts in memory, applies what it is told, and can misbehave: POST /control with JSON switches the next calls.

  {"mode": M, "count": N, "method": "Refill"}   how the next N calls (of that method) go:
      ok          answer
      drop        apply, then close without an answer
      late        apply after `seconds`, and never answer
      slow        apply and answer after `seconds`
      twice       apply once, answer twice
      e500        answer HTTP 500, nothing applied
      e500after   apply, then HTTP 500
      e503        answer HTTP 503, nothing applied
      e503after   apply, then HTTP 503, as a gateway does that has waited too long
      garbage     apply, then answer nonsense
      half        apply, then answer half and close
      refuse      close without applying
      code        answer `code`, nothing applied
      bomb        apply, then answer an XML bomb
      huge        apply, then answer a megabyte
      hang        say nothing at all until the client gives up, nothing applied
      other       apply, then answer with another originTransactionID
  {"account": "2547...", "main": 5000}           make an account, or set its balance
  {"down": true|false}                           stop answering connections, or begin again

GET /report tells every account and, for each originTransactionID, how often it was received and applied.
Prints its port as the first line. Ends when its standard input does.
"""
import json
import socket
import sys
import threading
import time
import xmlrpc.client
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USER_PASSWORD = "Basic dXNlcjpwYXNz"  # user:pass
lock = threading.Lock()
accounts = {}
modes = []  # [mode, count, method, extra]
calls = {}  # originTransactionID -> {"method", "received", "applied"}
methods = {}


def account_of(p):
    return accounts.get(p["subscriberNumber"])


def answer(p, code, **more):
    return {"responseCode": code, "originTransactionID": p["originTransactionID"], **more}


def get_balance(p, _):
    a = account_of(p)
    das = [
        {"dedicatedAccountID": i, "dedicatedAccountValue1": str(d["value"]), "expiryDate": xmlrpc.client.DateTime(d["expiry"])}
        for i, d in sorted(a["da"].items())
    ]
    return answer(p, 0, accountValue1=str(a["main"]), currency1="KES", serviceClassCurrent=1, dedicatedAccountInformation=das)


def get_details(p, _):
    flags = {"activationStatusFlag": True}
    return answer(p, 0, serviceClassCurrent=1, languageIDCurrent=1, accountFlags=flags)


def update_balance(p, apply):
    a = account_of(p)
    change = int(p.get("adjustmentAmountRelative", "0"))
    if a["main"] + change < 0:
        return answer(p, 124)
    for d in p.get("dedicatedAccountUpdateInformation", []):
        have = a["da"].get(d["dedicatedAccountID"], {"value": 0})
        if have["value"] + int(d["adjustmentAmountRelative"]) < 0:
            return answer(p, 106)
    if apply:
        a["main"] += change
        for d in p.get("dedicatedAccountUpdateInformation", []):
            da = a["da"].setdefault(d["dedicatedAccountID"], {"value": 0, "expiry": "99991231T00:00:00+1200"})
            da["value"] += int(d["adjustmentAmountRelative"])
            if "expiryDate" in d:
                da["expiry"] = str(d["expiryDate"])
    return answer(p, 0)


def refill(p, apply):
    if p["refillProfileID"] != "P1":
        return answer(p, 120)
    if apply:
        da = account_of(p)["da"].setdefault(6, {"value": 0, "expiry": "99991231T00:00:00+1200"})
        da["value"] += int(p["transactionAmount"])
    return answer(p, 0)


def get_offers(p, _):
    offers = account_of(p)["offers"]
    if not offers:
        return answer(p, 165)
    return answer(p, 0, offerInformation=[
        {"offerID": i, "offerType": o["type"], "expiryDateTime": xmlrpc.client.DateTime(o["expiry"])} for i, o in offers.items()
    ])


def update_offer(p, apply):
    if apply:
        account_of(p)["offers"][p["offerID"]] = {"type": p["offerType"], "expiry": str(p["expiryDateTime"])}
    return answer(p, 0)


def delete_offer(p, apply):
    if p["offerID"] not in account_of(p)["offers"]:
        return answer(p, 165)
    if apply:
        del account_of(p)["offers"][p["offerID"]]
    return answer(p, 0)


METHODS = {
    "GetBalanceAndDate": get_balance,
    "GetAccountDetails": get_details,
    "UpdateBalanceAndDate": update_balance,
    "Refill": refill,
    "GetOffers": get_offers,
    "UpdateOffer": update_offer,
    "DeleteOffer": delete_offer,
}
READS = ("GetBalanceAndDate", "GetAccountDetails", "GetOffers")


def execute(method, p):
    """Apply one call. The count is of what was really done."""
    with lock:
        if account_of(p) is None:
            return answer(p, 102)
        result = METHODS[method](p, True)
        if method not in READS and result["responseCode"] == 0:
            calls[p["originTransactionID"]]["applied"] += 1
        return result


def next_mode(method):
    with lock:
        for m in modes:
            if m[1] > 0 and m[2] in (None, method):
                m[1] -= 1
                return m[0], m[3]
    return "ok", {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def give(self, status, body, kind="text/xml"):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def do_GET(self):
        with lock:
            self.give(200, json.dumps({"accounts": accounts, "calls": calls, "methods": methods}), "application/json")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/control":
            return self.control(json.loads(body))
        if self.path != "/Air":
            return self.give(404, "")
        if self.headers.get("Authorization") != USER_PASSWORD:
            return self.give(401, "")
        if self.headers.get("User-Agent") != "starhash/5.0/1.0" or self.headers.get("Content-Type") != "text/xml":
            return self.give(200, xmlrpc.client.dumps(xmlrpc.client.Fault(1000, "Illegal request message")))
        params, method = xmlrpc.client.loads(body)
        return self.call(method, params[0])

    def control(self, c):
        with lock:
            if "mode" in c:
                modes.append([c["mode"], c.get("count", 1), c.get("method"), c])
            if "account" in c:
                a = accounts.setdefault(c["account"], {"main": 0, "da": {}, "offers": {}})
                a["main"] = c.get("main", a["main"])
        self.give(200, "{}", "application/json")

    def call(self, method, p):
        for field in ("originNodeType", "originHostName", "originTransactionID", "originTimeStamp", "subscriberNumber"):
            if field not in p:
                return self.give(200, xmlrpc.client.dumps(xmlrpc.client.Fault(1001, "Mandatory field missing")))
        if not (p["originTransactionID"].isdigit() and len(p["originTransactionID"]) <= 20):
            return self.give(200, xmlrpc.client.dumps(xmlrpc.client.Fault(1003, "Data out of bounds")))
        if method not in METHODS:
            return self.give(200, xmlrpc.client.dumps(xmlrpc.client.Fault(1004, "Unknown operation")))
        mode, extra = next_mode(method)
        with lock:
            methods[method] = methods.get(method, 0) + 1
            if method not in READS:
                c = calls.setdefault(p["originTransactionID"], {"method": method, "received": 0, "applied": 0})
                c["received"] += 1
        return self.behave(mode, extra, method, p)

    def behave(self, mode, extra, method, p):
        if mode == "refuse":
            return self.cut()
        if mode == "hang":
            self.connection.settimeout(30)
            try:
                self.connection.recv(1)
            except OSError:
                pass
            return self.cut()
        if mode in ("e500", "e503"):
            return self.give(int(mode[1:]), "")
        if mode == "code":
            return self.give(200, self.dump(answer(p, extra["code"])))
        if mode == "slow":
            time.sleep(extra.get("seconds", 1))
        if mode == "late":
            threading.Timer(extra.get("seconds", 1), execute, (method, p)).start()
            return self.behave("hang", {}, method, p)
        text = self.dump(execute(method, p))
        if mode == "drop":
            return self.cut()
        if mode in ("e500after", "e503after"):
            return self.give(int(mode[1:4]), "")
        if mode == "garbage":
            return self.give(200, "\x00\x01 not at all XML")
        if mode == "half":
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text[: len(text) // 2].encode())
            return self.cut()
        if mode == "bomb":
            return self.give(200, '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>' + text.split("?>")[-1])
        if mode == "huge":
            return self.give(200, text.replace("<struct>", "<struct>" + " " * 1000000, 1))
        if mode == "other":
            return self.give(200, text.replace(p["originTransactionID"], "4711"))
        self.give(200, text)
        if mode == "twice":
            self.give(200, text)
        return None

    @staticmethod
    def dump(result):
        return xmlrpc.client.dumps((result,), methodresponse=True)


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, *_):
        """A client that has gone away: that is what half of the modes are about."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
