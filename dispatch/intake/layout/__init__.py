"""How people lay tables out: sheets, merged cells, a day and its time in two columns, quotes left open."""
