// The thinnest server round better-sse: POST /publish, GET /events.
"use strict";

const http = require("node:http");
const { createChannel, createEventBuffer, createSession } = require("better-sse");

// What a client may have missed when it comes back. The library keeps nothing itself.
const HISTORY = 5000;

const channel = createChannel();
// Bodies are sent as they are; otherwise they were JSON strings.
const text = { serializer: (data) => data };
const keepAlive = 15_000;

let lastId = 0;
const history = [];
// Published since we last wrote to the streams.
let pending = [];

function bufferOf(events) {
    const buffer = createEventBuffer(text);
    for (const { id, data } of events) buffer.push(data, "message", String(id));
    return buffer;
}

// All that came in one turn of the event loop goes to each stream in one write, encoded once.
function broadcast() {
    const buffer = bufferOf(pending);
    pending = [];
    for (const session of channel.activeSessions) session.batch(buffer);
}

function publish(request, response) {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
        const event = { id: ++lastId, data: Buffer.concat(chunks).toString() };
        history.push(event);
        // Seldom, because it moves them all.
        if (history.length >= 2 * HISTORY) history.splice(0, history.length - HISTORY);
        if (pending.push(event) === 1) setImmediate(broadcast);
        response.writeHead(204).end();
    });
}

async function subscribe(request, response) {
    const session = await createSession(request, response, { ...text, keepAlive });
    // Nothing may be awaited from here on: what comes from the history and what is still to be sent
    // meet exactly at the first pending event.
    if (!session.isConnected) return;
    const firstPending = pending.length ? pending[0].id : lastId + 1;
    const after = Number.parseInt(session.lastId, 10);
    if (after >= 0) {
        const missed = history.filter(({ id }) => id > after && id < firstPending);
        if (missed.length) session.batch(bufferOf(missed));
    }
    channel.register(session);
}

const server = http.createServer((request, response) => {
    if (request.method === "POST" && request.url === "/publish") publish(request, response);
    else if (request.method === "GET" && request.url === "/events") subscribe(request, response);
    else response.writeHead(404).end();
});
// Whoever publishes keeps the connection; the default is 5 s.
server.keepAliveTimeout = 3_600_000;
// The kernel cuts it to its own limit.
server.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 16384 });
process.on("SIGTERM", () => process.exit(0));
