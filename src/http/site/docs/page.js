"use strict";

// Swagger UI shows an answer when it is complete, and a stream never is. So for the stream it gets
// what comes in the first seconds.
const STREAM = "/sse/notifications";
const SECONDS = 5;

async function beginning(url, options) {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), SECONDS * 1000);
  const answer = await fetch(url, { ...options, signal: cut.signal });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (const reader = answer.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    if (!cut.signal.aborted) throw error;
    text += `: cut here after ${SECONDS} seconds; the stream itself goes on\n`;
  } finally {
    clearTimeout(timer);
  }
  const { status, statusText, headers } = answer;
  return new Response(text, { status, statusText, headers });
}

SwaggerUIBundle({
  dom_id: "#ui",
  url: "/openapi.json",
  deepLinking: true,
  // It would send the document's address to another host.
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (new URL(request.url, location.href).pathname.startsWith(STREAM)) {
      request.userFetch = beginning;
    }
    return request;
  },
});
