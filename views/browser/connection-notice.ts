/** Milliseconds without a connection before anything is said: most cuts are over sooner. */
const PATIENCE = 2_000;

/** Shows the quiet notice while there is no connection. */
export function connectionNotice(notice: HTMLElement): (connected: boolean) => void {
  let timer = 0;
  return (connected) => {
    if (connected) {
      clearTimeout(timer);
      timer = 0;
      notice.hidden = true;
    } else timer ||= setTimeout(() => (notice.hidden = false), PATIENCE);
  };
}
