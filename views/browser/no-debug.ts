/** Stands in for the `debug` package that socket.io-client logs with. */
export default () => () => {};
