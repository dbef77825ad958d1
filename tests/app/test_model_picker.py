"""The model picker: fetching on request, and folders that cannot be used."""

import json

from tiny_models import save_tiny_bert


def test_a_model_is_fetched_when_asked_and_then_used(open_lesson, local_hub, tmp_path):
    local_hub.repositories["bert-base-chinese"] = save_tiny_bert(tmp_path / "hub")
    page = open_lesson("tokenization", model="bert-base-chinese").sound()
    assert "is not on this machine" in page.messages
    page.click("Download it now").sound()
    assert "could not be fetched" not in page.messages
    assert "model.safetensors" in local_hub.fetched
    page.run().sound()
    assert page.pieces[0] == "[CLS]"


def test_an_unreachable_hub_is_explained_with_the_models_at_hand(open_lesson, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    page = open_lesson("tokenization", model="bert-base-chinese").click("Download it now").sound()
    assert "cannot be reached" in page.messages
    assert "bertlab\\-mini\\-en" in page.messages


def test_a_folder_without_weights_is_listed_as_unusable(open_lesson, models_root):
    folder = models_root / "broken_*model*"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    page = open_lesson("home").sound()
    picker = next(box for box in page.at.selectbox if box.label == "Model")
    assert any("cannot be used" in option for option in picker.options)
    page = open_lesson("tokenization", model="broken_*model*").sound()
    assert "cannot be used" in page.messages
    assert "Use bertlab-mini-en instead" in page.buttons


def test_a_model_that_is_taken_away_gives_way_to_the_default(open_lesson, models_root):
    import shutil

    save_tiny_bert(models_root / "mine")
    page = open_lesson("tokenization", model="mine").sound()
    shutil.rmtree(models_root / "mine")
    page.run().sound()
    assert page.at.session_state["model"] == "bertlab-mini-en"
