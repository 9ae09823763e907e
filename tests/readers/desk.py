"""The training desk on a page without a kernel."""

RECORDING = "This is a recording: Train plays it again. To train anew, "


def assert_plays(page):
    """The recording is shown in place of the empty figure; Train runs through it, to the end."""
    page.locator(".training-recording").wait_for()
    assert not page.locator(".training-live").is_visible()
    recording = page.locator(".training-recording")
    recording.scroll_into_view_if_needed()
    recording.locator(".lookup-plot:has(.main-svg)").wait_for()
    count = """() => document.querySelector(".training-recording .lookup-plot").data
      .find(({ name }) => name === "error, median").y.filter(Number.isFinite).length"""
    whole = page.evaluate(count)
    assert whole == 5 * 33 and "after 1,980 updates" in recording.locator(".lookup-caption").text_content()
    page.get_by_role("button", name="Train").click()
    page.wait_for_function(f"({count})() < 50")  # from the beginning, if not from the first frame
    page.wait_for_function(f"({count})() > 50")
    page.get_by_role("button", name="Train").click()
    page.wait_for_function(f"({count})() < 50")
    page.wait_for_function(f"({count})() === {whole}")
