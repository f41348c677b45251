export default function Cameras() {
  return null;
}
