export default function Stats() {
  return null;
}
