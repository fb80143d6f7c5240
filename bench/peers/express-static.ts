// Express's own static files, out of the directory named in the second argument.
import express from "express";

const app = express();
app.use(express.static(process.argv[3]!));
app.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listening"));
