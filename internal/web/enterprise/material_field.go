package enterprise

import (
	"minqing/internal/files"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// materialField takes files for one material, of the kinds that it is wanted in.
func materialField(it *permits.Item, name string) web.Field {
	kinds := permits.KindsOf(&it.Material)
	hint := web.Say("permit.material.file.hint", "Count", files.MaxFiles, "Megabytes", files.MaxSize>>20)
	if len(kinds) > 0 {
		hint = web.Say("permit.material.file.hint.kinds", "Count", files.MaxFiles, "Megabytes", files.MaxSize>>20,
			"Kinds", files.KindWords(kinds))
	}
	return web.Field{Name: name, Label: web.Say("permit.material.file"), Multiple: true, Accept: files.AcceptOf(kinds), Hint: hint}
}
