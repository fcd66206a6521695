package demo

import "io"

// Register opens the made-up register of enterprises of the demo city. Their codes
// are of an area that does not exist, so that they are nobody's.
func Register() (io.ReadCloser, error) { return cityFiles.Open("city/register.csv") }
