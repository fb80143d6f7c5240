// Every npm script enters here. This file is JavaScript that Node 18 can read, so that somebody with an old Node
// is told what is missing instead of meeting a syntax error. `npm ci` puts Node 24 into node_modules/.bin (see
// optionalDependencies in package.json), and npm puts that folder first on the path.
const [major] = process.versions.node.split(".").map(Number);

if (major < 24) {
  console.error(
    `Dateline needs Node 24, and this is Node ${process.versions.node}. ` +
      "Start it through npm (npm start) after npm ci, which brings Node 24 along on Linux; elsewhere install Node 24 first.",
  );
  process.exit(1);
}

const [entry = "main.ts"] = process.argv.splice(2, 1);
await import(new URL(entry, import.meta.url).href);
