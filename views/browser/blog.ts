import { io } from "socket.io-client";
console.log(io);
