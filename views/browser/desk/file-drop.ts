import { isDialogOpen, part } from "./elements.ts";

/** Files that are dragged or pasted anywhere on the page come to the composer, and do not replace the page. */
export function receiveFiles(root: HTMLElement, take: (files: File[]) => boolean): void {
  const zone = part(root, "[data-pictures=drop]");
  const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") ?? false;
  let depth = 0;
  const show = (is: boolean): void => {
    if (!is) depth = 0;
    zone.hidden = !is;
  };

  document.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth++;
    show(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (hasFiles(event) && --depth <= 0) show(false);
  });
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer!.dropEffect = "copy";
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    show(false);
    // The text may have taken them already.
    if (!event.defaultPrevented) take([...event.dataTransfer!.files]);
    event.preventDefault();
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (event.defaultPrevented || !files.length || isDialogOpen()) return;
    if (/\S/.test(event.clipboardData!.getData("text/plain"))) return;
    if (take(files)) event.preventDefault();
  });
}
