using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Exporter.CollectorFiles;

/// <summary>
/// Finds files by a pattern in the syntax of Go's <c>filepath.Glob</c>, which sql_exporter uses: <c>*</c>, <c>?</c>,
/// <c>[a-z]</c> and <c>[^a-z]</c> match within the name of a file or folder. <c>\</c> escapes a character; on Windows,
/// it separates folders.
/// </summary>
internal static class FileGlob
{
    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    private static readonly char[] Special = [.. "*?[\\".Except(Separators)];

    public static bool IsPattern(string path) => path.IndexOfAny(Special) >= 0;

    /// <summary>Returns the full paths of the matching files, in ordinal order.</summary>
    /// <param name="folder">The folder to which the pattern is relative. Its special characters are literal.</param>
    /// <param name="pattern">A path or a pattern.</param>
    /// <exception cref="IOException">
    /// A file or folder cannot be read. The message names its path and the cause.
    /// </exception>
    public static IReadOnlyList<string> Expand(string folder, string pattern)
    {
        if (!IsPattern(pattern))
        {
            var path = Path.Combine(folder, pattern);
            return Exists(path) && !Directory.Exists(path) ? [Path.GetFullPath(path)] : [];
        }

        var root = Path.GetPathRoot(pattern)!;
        IEnumerable<string> folders = [Path.Combine(folder, root)];
        var names = pattern[root.Length..].Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in names[..^1])
            folders = folders.SelectMany(parent => Match(parent, name, Directory.EnumerateDirectories)).ToList();
        return
        [
            .. folders.SelectMany(parent => Match(parent, names[^1], Directory.EnumerateFiles))
                .Select(Path.GetFullPath)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static List<string> Match(
        string folder, string name, Func<string, IEnumerable<string>> enumerate)
    {
        // This also handles '.' and '..', which an enumeration does not return.
        if (!IsPattern(name))
            return Path.Combine(folder, name) is var path && Exists(path) ? [path] : [];
        try
        {
            var regex = new Regex(ToRegex(name), RegexOptions.CultureInvariant | RegexOptions.Singleline);
            return Read(folder, () => enumerate(folder).ToList(), [])
                .Where(path => regex.IsMatch(Path.GetFileName(path))).ToList();
        }
        catch (RegexParseException)
        {
            return [];
        }
    }

    // Path.Exists also returns false if a folder of the path cannot be searched.
    private static bool Exists(string path) => Read(
        Path.GetDirectoryName(path),
        () =>
        {
            File.GetAttributes(path);
            return true;
        },
        false);

    private static T Read<T>(string? folder, Func<T> read, T missing)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (
            exception is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            // ArgumentException: the path contains a null character.
            return missing;
        }
        catch (UnauthorizedAccessException exception)
        {
            // Looking up a file requires permission for its folder, not for the file.
            throw new IOException($"The folder '{folder}' {BoundedFile.NoPermission}", exception);
        }
    }

    private static string ToRegex(string name)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < name.Length; i++)
        {
            var end = name[i] == '[' ? name.IndexOf(']', Math.Min(i + 2, name.Length)) : -1;
            if (end > 0)
            {
                regex.Append(ToCharacterClass(name[(i + 1)..end]));
                i = end;
            }
            else if (name[i] == '\\' && i + 1 < name.Length)
            {
                regex.Append(Regex.Escape(name[++i..(i + 1)]));
            }
            else
            {
                regex.Append(name[i] switch
                {
                    '*' => ".*",
                    '?' => ".",
                    _ => Regex.Escape(name[i..(i + 1)]),
                });
            }
        }

        return regex.Append("\\z").ToString();
    }

    // In a class, only '-' and a leading '^' have the same meaning in both syntaxes.
    private static string ToCharacterClass(string characters)
    {
        var isNegated = characters.StartsWith('^');
        var set = (isNegated ? characters[1..] : characters)
            .Replace("\\", "\\\\").Replace("[", "\\[").Replace("^", "\\^");
        return $"[{(isNegated ? "^" : "")}{set}]";
    }
}
