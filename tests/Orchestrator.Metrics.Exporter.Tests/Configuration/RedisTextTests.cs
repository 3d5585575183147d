using Orchestrator.Metrics.Exporter.Configuration;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Exporter.Tests.Configuration;

public class RedisTextTests
{
    [TestCase("redis:6379")]
    [TestCase("a:1,b:2,password=S3cret,ssl=true,abortConnect=false")]
    public void Valid_configuration_has_no_problem(string text) => Assert.That(RedisText.FindProblem(text), Is.Null);

    [TestCase("redis:6379,passwrd=S3cret", "Part 2 of it, separated by commas, is not a known option. Did you mean 'password'?")]
    [TestCase("redis:6379,ssl=true,SSLHosts=S3cret", "Part 3 of it, separated by commas, is not a known option. Did you mean 'sslHost'?")]
    [TestCase("redis:6379,password=a,S3cret=b", "Part 3 of it, separated by commas, is not a known option. " +
        "Write it like redis.example.org:6379,password=... A password must not contain a comma.")]
    [TestCase("redis:6379,connectTimeout=S3cret", "The value of its option 'connectTimeout' is invalid. Correct it.")]
    [TestCase("redis:6379,nope=1,ssl=S3cret", "The value of its option 'ssl' is invalid. Correct it.")]
    [TestCase("password=S3cret", "It names no server. Write it like redis.example.org:6379,password=...")]
    [TestCase(" ", "It is not a configuration of Redis. Write it like redis.example.org:6379,password=...")]
    public void Problem_names_the_option_and_no_secret(string text, string problem) =>
        Assert.That(RedisText.FindProblem(text), Is.EqualTo(problem).And.Not.Contain("S3cret"));

    [Test]
    public void Suggested_options_exist()
    {
        foreach (var name in new[] { "passwrd", "usr", "sslHst", "tiebraker", "keepAliv", "sentinelUsr" })
        {
            var suggestion = RedisText.FindProblem($"redis,{name}=1")!.Split('\'')[1];
            Assert.That(() => ConfigurationOptions.Parse($"redis,{suggestion}=1"), Throws.Nothing, suggestion);
        }
    }
}
