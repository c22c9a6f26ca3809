/** Period of the hatching and of the dots, CSS pixels. */
export const TILE = 5;

/** Colours of the page for a canvas: custom properties as the browser has resolved them for the present theme. */
export class Inks {
  private readonly found = new Map<string, string>();
  private readonly patterns = new Map<string, CanvasPattern>();

  constructor(private readonly probe: HTMLElement) {}

  /** The colour of `--name`. */
  of(name: string): string {
    let colour = this.found.get(name);
    if (colour === undefined) {
      this.probe.style.color = `var(--${name})`;
      colour = getComputedStyle(this.probe).color;
      this.probe.style.color = "";
      this.found.set(name, colour);
    }
    return colour;
  }

  /** Slanting lines; `scale` is device pixels per CSS pixel. */
  hatching(name: string, scale: number): CanvasPattern {
    return this.pattern(`hatching ${name} ${scale}`, scale, (pen, size) => {
      pen.strokeStyle = this.of(name);
      pen.lineWidth = 1.4 * scale;
      pen.beginPath();
      for (const shift of [-size, 0, size]) {
        pen.moveTo(shift, size);
        pen.lineTo(shift + size, 0);
      }
      pen.stroke();
    });
  }

  dots(name: string, scale: number): CanvasPattern {
    return this.pattern(`dots ${name} ${scale}`, scale, (pen, size) => {
      pen.fillStyle = this.of(name);
      pen.beginPath();
      pen.arc(size / 2, size / 2, 1.3 * scale, 0, 2 * Math.PI);
      pen.fill();
    });
  }

  private pattern(key: string, scale: number, draw: (pen: CanvasRenderingContext2D, size: number) => void): CanvasPattern {
    const known = this.patterns.get(key);
    if (known) return known;
    const tile = document.createElement("canvas");
    tile.width = tile.height = Math.round(TILE * scale);
    const pen = tile.getContext("2d")!;
    draw(pen, tile.width);
    const pattern = pen.createPattern(tile, "repeat")!;
    pattern.setTransform(new DOMMatrix().scale(TILE / tile.width));
    this.patterns.set(key, pattern);
    return pattern;
  }
}
