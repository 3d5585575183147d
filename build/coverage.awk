# Reads the Cobertura files of several test projects. Prints the line coverage of each library by all tests together.
# A file that several libraries compile counts for each of them.
# Usage: awk -v libraries="A B" -f coverage.awk files
BEGIN { RS = "<"; FS = "\"" }
/^source>/ { folder = substr($0, 8) }
/^package / { library = $2 }
/^class / { file = folder $4 }
/^line / && file !~ "/obj/" {
  if (!((library, file, $2) in run)) lines[library]++
  if ($4 > 0 && !run[library, file, $2]) covered[library]++
  run[library, file, $2] = run[library, file, $2] || $4 > 0
}
END {
  count = split(libraries, names, " ")
  for (i = 1; i <= count; i++)
    if (lines[names[i]]) text = text ", " names[i] sprintf(" %.1f %%", 100 * covered[names[i]] / lines[names[i]])
  print "line coverage: " substr(text, 3)
}
