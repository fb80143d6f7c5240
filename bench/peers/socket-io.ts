// Socket.IO as it comes: whoever connects is in the room, and what is POSTed to /publish is emitted to it.
import { createServer, type IncomingMessage } from "node:http";
import { Server } from "socket.io";

const http = createServer((request, response) => {
  void textOf(request).then((text) => {
    io.to("story").emit("batch", JSON.parse(text));
    response.writeHead(201, { "Content-Length": "0" }).end();
  });
});
const io = new Server(http);
io.on("connection", (socket) => void socket.join("story"));
http.listen(Number(process.argv[2]), "127.0.0.1", 4096, () => console.log("listening"));

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
