// The legend as it goes into a saved picture.

function drawLegend(pen, colouring, theme, left, width, height) {
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.fillStyle = theme.text;
  const write = (text, x, y, weight = 400) => {
    pen.font = `${weight} 12px ${theme.font}`;
    const room = width - (x - left);
    pen.fillText(cutTo(text, (line) => pen.measureText(line).width <= room), x, y);
  };
  write(colouring.title, left, 18, 600);
  const palette = theme.dark ? colouring.dark : colouring.light;
  if (colouring.kind === "scale") return drawScale(pen, colouring, palette, write, left, Math.min(200, height - 60));
  const order = colouring.names.map((_, code) => code).sort((a, b) => colouring.counts[b] - colouring.counts[a]);
  const room = Math.max(1, Math.floor((height - 40) / 19));
  const shown = order.length <= room ? order : order.slice(0, room - 1);
  shown.forEach((code, at) => {
    pen.fillStyle = palette[code];
    pen.beginPath();
    pen.arc(left + 5, 42 + at * 19, 5, 0, 2 * Math.PI);
    pen.fill();
    pen.fillStyle = theme.text;
    write(colouring.names[code], left + 17, 42 + at * 19);
  });
  if (shown.length < order.length) write(`and ${order.length - shown.length} more`, left + 17, 42 + shown.length * 19);
  return null;
}

function drawScale(pen, colouring, palette, write, left, tall) {
  const [top, text] = [40, pen.fillStyle];
  palette.forEach((colour, at) => {
    pen.fillStyle = colour;
    pen.fillRect(left, top + tall * (1 - (at + 1) / palette.length), 12, tall / palette.length + 1);
  });
  pen.fillStyle = text;
  for (const [at, words] of colouring.ticks) write(words, left + 20, top + tall * (1 - at));
}
