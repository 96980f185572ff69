/** Chosen files: what this page may refuse before the server does, in the server's words. */

/** The extension of a name in lower case, without the dot. */
export function extensionOf(name) {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** `{code, detail}` when the server would refuse `file`, else null. */
export function refusalOf(file, { extensions, max_bytes: most, refusals }) {
  const code = !(extensionOf(file.name) in extensions)
    ? "unsupported_format"
    : file.size === 0
      ? "empty_file"
      : file.size > most
        ? "too_large_bytes"
        : "";
  return code ? { code, detail: refusals[code] } : null;
}

/** The name of the format that the extension of `name` stands for. */
export function formatOf(name, { extensions }) {
  return extensions[extensionOf(name)] ?? "PNG";
}

/** Whether something that is dragged or pasted holds files at all. */
export function hasFiles(transfer) {
  return [...(transfer?.types ?? [])].includes("Files");
}

const THUMBNAIL_SIDE = 480;

/** Width and height that fit into a square of `side`, never enlarged. */
export function fitted(width, height, side = THUMBNAIL_SIDE) {
  const share = Math.min(1, side / Math.max(width, height));
  return [Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share))];
}

/**
 * `{url, width, height}` of a local picture, upright; null when this browser cannot read it.
 * The small copy is an object URL that the caller releases.
 */
export async function readPicture(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null; // TIFF and HEIC in most browsers; the server reads them
  }
  const { width, height } = bitmap;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = fitted(width, height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.85));
  return { url: blob ? URL.createObjectURL(blob) : "", width, height };
}
