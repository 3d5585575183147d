using Google.Protobuf;

namespace Orchestrator.Metrics.Tests.Messages;

/// <summary>Reads delimited messages with classes that protoc generates from <c>metrics.proto</c>.</summary>
internal static class ProtobufMessages
{
    /// <summary>Returns the families.</summary>
    /// <exception cref="InvalidDataException">The bytes are longer than the same messages by Google.Protobuf.</exception>
    public static List<MetricFamily> Read(byte[] exposition)
    {
        var families = new List<MetricFamily>();
        using var stream = new MemoryStream(exposition);
        while (stream.Position < stream.Length)
        {
            var start = stream.Position;
            var family = MetricFamily.Parser.ParseDelimitedFrom(stream);
            using var rewritten = new MemoryStream();
            family.WriteDelimitedTo(rewritten);
            if (rewritten.Length != stream.Position - start)
                throw new InvalidDataException(
                    $"{family.Name} has {stream.Position - start} bytes, and {rewritten.Length} by Google.Protobuf.");
            families.Add(family);
        }

        return families;
    }
}
