package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
)

// Picture is a picture that somebody of the demo city sends with a case. It is drawn
// here, so that it shows nobody and no place.
type Picture struct {
	Name string // without its end
	draw func(c *canvas)
}

// Pictures are of street lamps: one that is out, a pole that leans, a row with two
// that are out.
var Pictures = []Picture{
	{"路燈不亮", func(c *canvas) {
		c.sky(color.RGBA{18, 24, 44, 255}, color.RGBA{52, 60, 92, 255})
		c.houses(color.RGBA{30, 34, 52, 255}, color.RGBA{240, 208, 130, 255})
		c.road(color.RGBA{40, 42, 50, 255})
		c.lamp(190, 0, true)
		c.lamp(440, 0, false)
	}},
	{"燈桿傾斜", func(c *canvas) {
		c.sky(color.RGBA{150, 196, 226, 255}, color.RGBA{226, 238, 244, 255})
		c.houses(color.RGBA{196, 178, 160, 255}, color.RGBA{110, 130, 150, 255})
		c.road(color.RGBA{120, 122, 126, 255})
		c.lamp(150, 0, false)
		c.lamp(400, 0.22, false)
	}},
	{"整排路燈", func(c *canvas) {
		c.sky(color.RGBA{44, 40, 78, 255}, color.RGBA{206, 130, 104, 255})
		c.houses(color.RGBA{44, 38, 56, 255}, color.RGBA{44, 38, 56, 255})
		c.road(color.RGBA{58, 54, 66, 255})
		for i, lit := range []bool{true, false, false, true} {
			c.lamp(100+140*i, 0, lit)
		}
	}},
}

const (
	pictureWide, pictureHigh = 640, 480
	pavement                 = 380 // where the road begins
)

// JPEG is the picture as a file.
func (p Picture) JPEG() ([]byte, error) {
	c := &canvas{image.NewRGBA(image.Rect(0, 0, pictureWide, pictureHigh))}
	p.draw(c)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, c.RGBA, &jpeg.Options{Quality: 82}); err != nil {
		return nil, fmt.Errorf("draw a picture of the demo city: %w", err)
	}
	return out.Bytes(), nil
}

// canvas is what pictures are drawn on.
type canvas struct{ *image.RGBA }

func mix(a, b color.RGBA, share float64) color.RGBA {
	part := func(x, y uint8) uint8 { return uint8(float64(x)*(1-share) + float64(y)*share) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 255}
}

func (c *canvas) rect(x, y, w, h int, of color.RGBA) {
	for j := max(y, 0); j < min(y+h, pictureHigh); j++ {
		for i := max(x, 0); i < min(x+w, pictureWide); i++ {
			c.SetRGBA(i, j, of)
		}
	}
}

func (c *canvas) sky(top, bottom color.RGBA) {
	for y := range pictureHigh {
		c.rect(0, y, pictureWide, 1, mix(top, bottom, float64(y)/pavement*0.9))
	}
}

func (c *canvas) houses(wall, window color.RGBA) {
	for i, high := range []int{130, 190, 150, 220, 120, 170} {
		x := i * 110
		c.rect(x, pavement-high, 104, high, wall)
		for row := 18; row < high-30; row += 36 {
			for col := 14; col < 90; col += 30 {
				if (row/36+col/30+i)%3 != 0 {
					c.rect(x+col, pavement-high+row, 14, 18, window)
				}
			}
		}
	}
}

func (c *canvas) road(of color.RGBA) {
	c.rect(0, pavement, pictureWide, pictureHigh-pavement, of)
	c.rect(0, pavement, pictureWide, 10, mix(of, color.RGBA{255, 255, 255, 255}, 0.2))
	for x := 20; x < pictureWide; x += 90 {
		c.rect(x, 432, 50, 6, mix(of, color.RGBA{255, 255, 255, 255}, 0.6))
	}
}

// lamp stands at x, leans by so many radians, and is lit or not.
func (c *canvas) lamp(x int, leans float64, lit bool) {
	pole := color.RGBA{92, 98, 104, 255}
	at := func(along, beside float64) (int, int) {
		return x + int(along*math.Sin(leans)+beside*math.Cos(leans)), pavement + 6 - int(along*math.Cos(leans)-beside*math.Sin(leans))
	}
	for along := 0.0; along < 230; along += 0.5 {
		px, py := at(along, 0)
		c.rect(px-3, py, 7, 2, pole)
	}
	for beside := 0.0; beside < 46; beside += 0.5 {
		px, py := at(230, beside)
		c.rect(px, py-3, 2, 6, pole)
	}
	hx, hy := at(226, 40)
	bulb := color.RGBA{70, 72, 78, 255}
	if lit {
		bulb = color.RGBA{255, 240, 190, 255}
		c.glow(hx, hy, 96, color.RGBA{255, 226, 150, 255})
	}
	c.rect(hx-16, hy-4, 32, 12, bulb)
	c.rect(hx-18, hy-9, 36, 6, pole)
}

func (c *canvas) glow(x, y, radius int, of color.RGBA) {
	for j := max(0, y-radius); j < min(pictureHigh, y+radius); j++ {
		for i := max(0, x-radius); i < min(pictureWide, x+radius); i++ {
			if far := math.Hypot(float64(i-x), float64(j-y)) / float64(radius); far < 1 {
				c.SetRGBA(i, j, mix(c.RGBAAt(i, j), of, 0.55*(1-far)*(1-far)))
			}
		}
	}
}
