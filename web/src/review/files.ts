// Addresses of evidence files.
import type { EvidenceFile, FileRole } from "../api/types";

export function fileUrl(id: string, file: string, width?: number): string {
  const base = `/api/v1/cases/${encodeURIComponent(id)}/files/${encodeURIComponent(file)}`;
  return width === undefined ? base : `${base}?width=${width}`;
}

export function fileOf(files: readonly EvidenceFile[], role: FileRole): EvidenceFile | null {
  return files.find((file) => file.role === role) ?? null;
}
