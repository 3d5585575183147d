namespace Orchestrator.Metrics.Exporter.Checks;

internal sealed class CheckReport(TextWriter output)
{
    private readonly Dictionary<string, string> _failures = [];
    private int _items;
    private int _failed;

    public bool HasFailed => _failed > 0;

    public void AddSuccess(string item, string text) => Write("ok", item, text);

    // If an earlier item failed with the same text, refers to that item.
    public void AddFailure(string item, string text)
    {
        _failed++;
        Write("FAILED", item, _failures.TryAdd(text, item) ? text : $"Same as for {_failures[text]}, see above.");
    }

    public void AddNote(string text) => WriteLine("note", text);

    public void WriteTotal() => output.WriteLine(HasFailed
        ? $"{_failed} of {_items} checks failed."
        : $"All {_items} checks succeeded.");

    private void Write(string status, string item, string text)
    {
        _items++;
        WriteLine(status, $"{item}: {text}");
    }

    private void WriteLine(string status, string text) =>
        output.WriteLine($"{status,-6}  {text.ReplaceLineEndings(" ")}");
}
