"""What Counterpart costs: API calls, DynamoDB requests, time, memory. See docs/benchmarks.md."""
